import type { Shortage } from '../fairness/memory.ts';
import type { Region } from '../regions.ts';
import type { UpstreamFailure } from './failure.ts';
import type { Fault } from './fault.ts';
import type { UpstreamRequest } from './send.ts';

/**
 * What a failed call says about the region: that it fails for everybody, that it fails for this caller at least, or
 * nothing, because the fault may lie elsewhere.
 */
export type Evidence = 'againstRegion' | 'againstCaller' | null;

/** No complete answer came. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly kind: UpstreamFailure;
  readonly region: Region;
  /** False if the call ended before it was handed to a socket. */
  readonly sent: boolean;
  readonly evidence: Evidence;
  /** What is wrong with the region; null if the region is not the reason. */
  readonly fault: Fault | null;
  /** Seconds until it is worth trying again; null where that is not known. */
  readonly retryAfter: number | null;
  /** True for a write that may have been carried out. */
  readonly outcomeUnknown: boolean;

  constructor(kind: UpstreamFailure, request: UpstreamRequest, details: UpstreamErrorDetails = {}) {
    super(`${request.method} ${request.path} in ${request.region.code}: ${kind}`, { cause: details.cause });
    this.kind = kind;
    this.region = request.region;
    this.sent = details.sent ?? false;
    this.evidence = details.evidence ?? null;
    this.fault = details.fault ?? null;
    this.retryAfter = details.retryAfter ?? null;
    this.outcomeUnknown = request.method !== 'GET' && this.sent;
  }
}

/** The error of a response that was not read for lack of memory. It counts against neither the region nor the caller. */
export function outOfMemory(shortage: Shortage, request: UpstreamRequest): UpstreamError {
  return new UpstreamError(shortage === 'ofCaller' ? 'outOfShare' : 'outOfMemory', request, {
    sent: true,
    retryAfter: 1,
  });
}

/** Missing members are false or null. */
interface UpstreamErrorDetails {
  readonly cause?: unknown;
  readonly sent?: boolean;
  readonly evidence?: Evidence;
  readonly fault?: Fault | null;
  readonly retryAfter?: number | null;
}
