/*
 * Work, in microseconds of the event loop. What is charged is estimated from what can be counted: measured it would be
 * that of others, too. A row of a list has about a KiB.
 */

/** To make a REST call and to read a small answer. */
export const workOfCall = 100;

/** To read a KiB of an answer and to work on its rows, or to write a KiB. */
const workOfKibibyte = 5;

export function workOfBytes(bytes: number): number {
  return Math.ceil((bytes / 1024) * workOfKibibyte);
}

/** To read, look through and write so many rows. */
export function workOfRows(rows: number): number {
  return rows * workOfKibibyte;
}

/** What a request may come to, before it is executed. */
export interface WorkEstimate {
  /** The digest of its document: it is taken to come to what it came to before. Null where that is of no account. */
  readonly document: string | null;
  /** Where nothing is known of it. */
  readonly atFirst: number;
  readonly atMost: number;
}
