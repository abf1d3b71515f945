import type { Region } from '../regions.ts';
import { bytesOf, jsonOf } from '../upstream/answer.ts';
import type { UpstreamFailure } from '../upstream/failure.ts';
import type { UpstreamAnswer, UpstreamRequest } from '../upstream/send.ts';
import { decodeText, isObject } from './decode.ts';

/** What an answer that is no success means to the caller. */
export type Refusal =
  | 'UNAUTHENTICATED'
  | 'FORBIDDEN'
  | 'TENANT_MISMATCH'
  | 'BAD_USER_INPUT'
  | 'NOT_FOUND'
  | 'CONFLICT'
  | 'QUOTA_EXCEEDED'
  | 'RATE_LIMITED'
  | 'PAYLOAD_TOO_LARGE'
  | 'QUERY_TOO_COMPLEX'
  | 'OVERLOADED'
  | 'UPSTREAM_ERROR'
  | 'UPSTREAM_TIMEOUT'
  | 'UPSTREAM_UNAVAILABLE';

/** The upstream answered, and the answer is a refusal or cannot be used. The message may be shown to the caller. */
export class BlockStorageError extends Error {
  override readonly name = 'BlockStorageError';
  readonly code: Refusal;
  readonly region: Region;
  readonly status: number | null;
  readonly requestId: string | null;
  /** Seconds to wait, where the upstream named them. */
  readonly retryAfter: number | null;
  /** True for a write that may have been carried out. */
  readonly outcomeUnknown: boolean;
  /** The member of the request's body that is wrong, as it is called upstream; null where the upstream names none. */
  readonly member: string | null;

  constructor(code: Refusal, message: string, call: { readonly region: Region } & Partial<Call>) {
    super(message, { cause: call.cause });
    this.code = code;
    this.region = call.region;
    this.status = call.status ?? null;
    this.requestId = call.requestId ?? null;
    this.retryAfter = call.retryAfter ?? null;
    this.outcomeUnknown = call.outcomeUnknown ?? false;
    this.member = call.member ?? null;
  }
}

/** What a refusal means: by status, by the fault's name, and where Cinder says it no other way by its message. */
export function refusalOf(request: UpstreamRequest, answer: UpstreamAnswer): BlockStorageError {
  const fault = decodeFault(answer);
  const code = codeOf(request, answer, fault);
  const member = code === 'BAD_USER_INPUT' && fault ? memberIn(fault.message) : null;
  return new BlockStorageError(code, messageOf(code, request, answer, fault), { ...callOf(request, answer), member });
}

/** How messages name the member that is wrong (FACTS 5, 7, 10; cinder/api/validation). */
const memberPatterns: readonly (readonly [RegExp, string?])[] = [
  [/^Invalid input for field\/attribute (\w{1,40})\./],
  [/^Invalid input received: (\w{1,40}) has \d+ characters/],
  [/^Invalid input received: Volume size /, 'size'],
  [/^Invalid input received: Invalid volume_type /, 'volume_type'],
  [/^Availability zone '/, 'availability_zone'],
];

function memberIn(message: string): string | null {
  for (const [pattern, member] of memberPatterns) {
    const found = pattern.exec(message);
    if (found) return member ?? found[1] ?? null;
  }
  return null;
}

/** A 2xx answer that is not what the guide promises. */
export function unreadable(request: UpstreamRequest, answer: UpstreamAnswer, what: string, cause?: unknown) {
  const message = `Region ${request.region.enumName} answered ${answer.status} with ${what}. Try again later.`;
  return new BlockStorageError('UPSTREAM_ERROR', message, { ...callOf(request, answer), cause });
}

/** An answer came, but the gateway had no time to read it before the request's own time was up. */
export function gatewayBusy({ region, method }: Pick<UpstreamRequest, 'region' | 'method'>) {
  const outcomeUnknown = method !== 'GET';
  const advice = outcomeUnknown ? '' : ' Wait a second, then try again.';
  const message = `The gateway had no time to read what region ${region.enumName} answered.${advice}`;
  return new BlockStorageError('OVERLOADED', message, { region, retryAfter: 1, outcomeUnknown });
}

/** Whether the answer is none of the Block Storage API: a redirect, a 404 that names no object, an unreadable success. */
export function isOfAnotherServer({ code, status }: BlockStorageError): boolean {
  return code === 'UPSTREAM_ERROR' && status !== null && (status < 400 || status === 404);
}

/** The requested object exists but belongs to another tenant. */
export function otherTenant(request: UpstreamRequest, answer: UpstreamAnswer, noun: string) {
  const message = `The ${noun} in region ${request.region.enumName} belongs to another tenant. Send its tenant as X-Tenant-Id, with a token of that tenant.`;
  return new BlockStorageError('TENANT_MISMATCH', message, callOf(request, answer));
}

/**
 * Whether a call was not made because its request has made as many as it may. What was read before is still good. The
 * error is recognized by its kind, because this layer takes only types of `upstream/send.ts`.
 */
export function isOutOfCalls(error: unknown): boolean {
  return error instanceof Error && 'kind' in error && error.kind === ('outOfCalls' satisfies UpstreamFailure);
}

/**
 * Whether the gateway itself had no memory or time to read a response. The region has not failed, so a list must fail as a
 * whole: it must not leave out the rows of this region.
 */
export function isOwnShortage(error: unknown): boolean {
  if (error instanceof BlockStorageError) return error.code === 'OVERLOADED';
  const kinds: readonly unknown[] = ['outOfShare', 'outOfMemory'] satisfies UpstreamFailure[];
  return error instanceof Error && 'kind' in error && kinds.includes(error.kind);
}

interface Call {
  readonly status: number;
  readonly requestId: string | null;
  readonly retryAfter: number | null;
  readonly outcomeUnknown: boolean;
  readonly member: string | null;
  readonly cause: unknown;
}

function callOf(request: UpstreamRequest, answer: UpstreamAnswer) {
  return {
    region: request.region,
    status: answer.status,
    requestId: answer.requestId,
    retryAfter: answer.retryAfter,
    outcomeUnknown: request.method !== 'GET' && !isProofOfNothingDone(answer),
  };
}

/** Statuses of a request that was refused before anything was done (FACTS 1 to 7). */
const refusing = new Set([400, 401, 403, 404, 409, 413, 415, 429]);

/** Whether an answer to a write proves that nothing was done. One that claims to be JSON and is none proves nothing. */
function isProofOfNothingDone(answer: UpstreamAnswer): boolean {
  return refusing.has(answer.status) && (answer.contentType !== 'application/json' || decodeBody(answer) !== undefined);
}

interface Fault {
  /** `itemNotFound`, `badRequest`, … (FACTS 1) */
  readonly name: string;
  readonly message: string;
}

/**
 * The subclasses of Cinder's `QuotaError`, which are all 413 (cinder/exception.py, releases 7 to 28). The fault's message
 * begins with the name of the class, in any language (cinder/api/middleware/fault.py).
 */
const quotaErrors = [
  'BackupLimitExceeded',
  'GroupLimitExceeded',
  'ImageLimitExceeded',
  'QuotaError',
  'QuotaUsageOverflow',
  'SnapshotLimitExceeded',
  'UnexpectedOverQuota',
  'VolumeBackupSizeExceedsAvailableQuota',
  'VolumeLimitExceeded',
  'VolumeSizeExceedsAvailableQuota',
  'VolumeSizeExceedsLimit',
];

/** Message prefixes that alone tell two meanings of a status apart (FACTS 3, 4, 7, 8). */
const prefixes: readonly { status: number; prefix: RegExp; code: Refusal }[] = [
  { status: 400, prefix: /^Malformed request url/, code: 'TENANT_MISMATCH' },
  { status: 400, prefix: /^Invalid (volume|snapshot):/, code: 'CONFLICT' },
  { status: 400, prefix: /^Connection to glance failed/, code: 'UPSTREAM_ERROR' },
  { status: 413, prefix: new RegExp(`^(${quotaErrors.join('|')})\\b`), code: 'QUOTA_EXCEEDED' },
];

function codeOf(request: UpstreamRequest, answer: UpstreamAnswer, fault: Fault | null): Refusal {
  const { status } = answer;
  const known = prefixes.find((row) => row.status === status && fault && row.prefix.test(fault.message));
  if (known) return known.code;
  if (status === 400) return request.method === 'DELETE' ? 'CONFLICT' : 'BAD_USER_INPUT';
  if (status === 401) return 'UNAUTHENTICATED';
  if (status === 403) return 'FORBIDDEN';
  if (status === 404) return fault?.name === 'itemNotFound' ? 'NOT_FOUND' : 'UPSTREAM_ERROR';
  if (status === 409) return 'CONFLICT';
  if (status === 413) return answer.contentType === 'text/html' ? 'PAYLOAD_TOO_LARGE' : 'RATE_LIMITED';
  if (status === 429) return 'RATE_LIMITED';
  if (status === 502 || status === 503) return 'UPSTREAM_UNAVAILABLE';
  if (status === 504) return 'UPSTREAM_TIMEOUT';
  return 'UPSTREAM_ERROR';
}

const passedOn = new Set([400, 403, 404, 409, 413]);

function messageOf(code: Refusal, request: UpstreamRequest, answer: UpstreamAnswer, fault: Fault | null): string {
  const region = request.region.enumName;
  if (code === 'UNAUTHENTICATED')
    return `Region ${region} does not know the token, or it has expired. Get a new one and send it as X-Auth-Token.`;
  if (code === 'TENANT_MISMATCH')
    return `The token is not one of this tenant in region ${region}. Send the tenant the token was issued for as X-Tenant-Id.`;
  if (code === 'PAYLOAD_TOO_LARGE') return `Region ${region} refused the request as too large. Shorten its texts.`;
  if (code === 'UPSTREAM_ERROR' && answer.status === 400)
    return `Region ${region} could not reach its image service. Try again later.`;
  if (code === 'UPSTREAM_ERROR' && answer.status === 404)
    return `Region ${region} answered 404 without naming a missing object. Try again later.`;
  if (fault?.message && passedOn.has(answer.status))
    return holdsAppKey(request)
      ? `Region ${region} refused the volume. Its reason is not shown, because it may repeat the appkey.`
      : withoutAddresses(fault.message);
  if (code === 'RATE_LIMITED') return `Region ${region} asks for fewer requests. Wait, then try again.`;
  return `Region ${region} answered ${answer.status}. Try again later.`;
}

/** Cinder prints the values that it refuses, and in more than one notation. */
function holdsAppKey({ body }: UpstreamRequest): boolean {
  return body !== undefined && 'nhn_encryption' in (JSON.parse(body).volume ?? {});
}

/** The characters of a message that are read: looking for a pattern takes time with the square of them. */
const maxRead = 1000;

/* oxlint-disable redos/no-vulnerable -- they take time with the square of the text, which has 1000 characters at most */

/** Hides what names hosts inside the provider's network (FACTS 8); keeps the rest, 500 characters at most. */
function withoutAddresses(message: string): string {
  return message
    .slice(0, maxRead)
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s'")\]]+/gi, '…')
    .replace(/\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b/g, '…')
    .replace(/\[[0-9a-f:.]{2,}\](:\d+)?|\b[0-9a-f:]*::[0-9a-f:]*|\b[0-9a-f]{1,4}(:[0-9a-f]{1,4}){7}\b/gi, '…')
    .replace(/\b(host|port)=\S+/gi, '…')
    .replace(/\b[a-z][\w.-]*:\d{2,5}\b/gi, '…')
    .replace(/\b[a-z][\w-]*(\.[a-z][\w-]*){2,}\b/gi, '…')
    .slice(0, 500);
}

/* oxlint-enable redos/no-vulnerable */

/** In bytes. A fault is parsed in one step, and none of Cinder's is larger. */
const maxFaultBytes = 256 * 1024;

/** The JSON of a body; undefined for any other body. */
function decodeBody(answer: UpstreamAnswer): unknown {
  if (answer.contentType !== 'application/json' || bytesOf(answer) > maxFaultBytes) return undefined;
  try {
    return JSON.parse(jsonOf(answer).toString());
  } catch {
    return undefined;
  }
}

/** `{"itemNotFound": {"code": 404, "message": …}}` (FACTS 1); null for any other body. */
function decodeFault(answer: UpstreamAnswer): Fault | null {
  const body = decodeBody(answer);
  const [entry] = isObject(body) ? Object.entries(body) : [];
  const [name, fault] = entry ?? ['', null];
  if (!isObject(fault) || !('message' in fault)) return null;
  return { name, message: decodeText(fault.message) ?? '' };
}
