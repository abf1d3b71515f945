import type { ErrorCode } from './codes.ts';

/** The HTTP status of answers with data and errors (GraphQL over HTTP, "Partial success"). */
export const partialSuccess = 294;

/** Why one region of several failed. */
export interface RegionError {
  readonly region: string;
  readonly code: ErrorCode;
  readonly message: string;
  /** The upstream's own id of the failed call; null where no answer came. */
  readonly requestId: string | null;
  /** Seconds. */
  readonly retryAfter: number | null;
}

/** A region that failed for a field which the others answered: an entry of `extensions.failures` of the whole result. */
export interface PartialFailure extends RegionError {
  readonly path: readonly (string | number)[];
}
