import type { UpstreamAnswer, UpstreamRequest } from '../upstream/send.ts';
import { type CinderFault, decodeBody, decodeFault, memberIn, withoutAddresses } from './cinder-fault.ts';
import { BlockStorageError, type BlockStorageErrorCode } from './error.ts';

/**
 * The error for an answer without success. The status and the fault's name decide its code, and the fault's message if
 * nothing else tells two meanings apart.
 */
export function errorOf(request: UpstreamRequest, answer: UpstreamAnswer): BlockStorageError {
  const fault = decodeFault(answer);
  const code = codeOf(request, answer, fault);
  const member = code === 'BAD_USER_INPUT' && fault ? memberIn(fault.message) : null;
  return new BlockStorageError(code, messageOf(code, request, answer, fault), {
    ...detailsOf(request, answer),
    member,
  });
}

/** A 2xx answer that is not what the guide promises. */
export function unreadable(request: UpstreamRequest, answer: UpstreamAnswer, what: string, cause?: unknown) {
  const message = `Region ${request.region.enumName} answered ${answer.status} with ${what}. Try again later.`;
  return new BlockStorageError('UPSTREAM_ERROR', message, { ...detailsOf(request, answer), cause });
}

/** The requested object exists but belongs to another tenant. */
export function otherTenant(request: UpstreamRequest, answer: UpstreamAnswer, noun: string) {
  const message = `The ${noun} in region ${request.region.enumName} belongs to another tenant. Send its tenant as X-Tenant-Id, with a token of that tenant.`;
  return new BlockStorageError('TENANT_MISMATCH', message, detailsOf(request, answer));
}

function detailsOf(request: UpstreamRequest, answer: UpstreamAnswer) {
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
const prefixes: readonly { status: number; prefix: RegExp; code: BlockStorageErrorCode }[] = [
  { status: 400, prefix: /^Malformed request url/, code: 'TENANT_MISMATCH' },
  { status: 400, prefix: /^Invalid (volume|snapshot):/, code: 'CONFLICT' },
  { status: 400, prefix: /^Connection to glance failed/, code: 'UPSTREAM_ERROR' },
  { status: 413, prefix: new RegExp(`^(${quotaErrors.join('|')})\\b`), code: 'QUOTA_EXCEEDED' },
];

function codeOf(request: UpstreamRequest, answer: UpstreamAnswer, fault: CinderFault | null): BlockStorageErrorCode {
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

function messageOf(
  code: BlockStorageErrorCode,
  request: UpstreamRequest,
  answer: UpstreamAnswer,
  fault: CinderFault | null,
): string {
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
