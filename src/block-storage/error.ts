import type { Region } from '../regions.ts';
import type { UpstreamFailure } from '../upstream/failure.ts';
import type { UpstreamRequest } from '../upstream/send.ts';

/** The codes of `BlockStorageError`. */
export type BlockStorageErrorCode =
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
  readonly code: BlockStorageErrorCode;
  readonly region: Region;
  readonly status: number | null;
  readonly requestId: string | null;
  /** Seconds to wait, where the upstream named them. */
  readonly retryAfter: number | null;
  /** True for a write that may have been carried out. */
  readonly outcomeUnknown: boolean;
  /** The member of the request's body that is wrong, as it is called upstream; null where the upstream names none. */
  readonly member: string | null;

  constructor(code: BlockStorageErrorCode, message: string, details: ErrorDetails) {
    super(message, { cause: details.cause });
    this.code = code;
    this.region = details.region;
    this.status = details.status ?? null;
    this.requestId = details.requestId ?? null;
    this.retryAfter = details.retryAfter ?? null;
    this.outcomeUnknown = details.outcomeUnknown ?? false;
    this.member = details.member ?? null;
  }
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

/** What is known of the call that failed. */
interface ErrorDetails {
  readonly region: Region;
  readonly status?: number;
  readonly requestId?: string | null;
  readonly retryAfter?: number | null;
  readonly outcomeUnknown?: boolean;
  readonly member?: string | null;
  readonly cause?: unknown;
}
