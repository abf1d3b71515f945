/*
 * The work of a request, in microseconds of the event loop. It is estimated from calls and bytes, because CPU time cannot be
 * measured per request. A row of a list has about 1 KiB.
 */

/** A REST call with a small response. */
export const workOfCall = 100;

/** Decoding 1 KiB of a response and working on its rows, or writing 1 KiB. */
const workOfKibibyte = 10;

export function workOfBytes(bytes: number): number {
  return Math.ceil((bytes / 1024) * workOfKibibyte);
}

/** Decoding, filtering and writing rows. */
export function workOfRows(rows: number): number {
  return rows * workOfKibibyte;
}

/** The work of a request, estimated before it is executed. */
export interface WorkEstimate {
  /** What the caller's earlier requests of this shape cost replaces `atFirst`. Null if the estimate needs no history. */
  readonly shape: string | null;
  /** The estimate without history. */
  readonly atFirst: number;
  readonly atMost: number;
}
