/**
 * Why there is no complete answer.
 * - `refused`: nobody listens at the endpoint.
 * - `notSent`: no connection could be made.
 * - `open`: the region fails, and no calls are sent to it for a while.
 * - `openForCaller`: the caller's own calls time out, and none of them are sent to the region for a while.
 * - `overloaded`: too many calls wait for the region.
 * - `overloadedByCaller`: too many of the caller's own calls wait for the region.
 * - `outOfShare`: the caller's requests hold all the memory that one caller may have.
 * - `outOfMemory`: all requests together hold all the memory that there is.
 * - `outOfCalls`: the request has made as many calls as it may.
 * - `timeout`: the call's time was up.
 * - `cancelled`: the caller left.
 * - `broken`: the connection ended before the answer did.
 * - `tooLarge`: the answer has more bytes than the gateway reads.
 */
export type UpstreamFailure =
  | 'refused'
  | 'notSent'
  | 'open'
  | 'openForCaller'
  | 'overloaded'
  | 'overloadedByCaller'
  | 'outOfShare'
  | 'outOfMemory'
  | 'outOfCalls'
  | 'timeout'
  | 'cancelled'
  | 'broken'
  | 'tooLarge';

/** The failures of calls that are refused before they are sent, because of other calls to the region. */
export const unsentFailures = ['open', 'openForCaller', 'overloaded', 'overloadedByCaller'] as const;

/** Why a call was refused before it was sent; undefined if it was not. */
export function unsentFailureOf({
  failure,
}: {
  readonly failure: UpstreamFailure | null;
}): (typeof unsentFailures)[number] | undefined {
  return failure === null ? undefined : unsentFailures.find((refusal) => refusal === failure);
}
