import type { Spread } from '../spread.ts';

/* What the generator is asked for, and what it tells. */

/** Requests for one volume each, of 64 tokens. */
export interface Load {
  /** Of the gateway. */
  readonly url: string;
  readonly seconds: number;
  /** At most so many at once; what comes beyond waits for one of them, and its latency counts. */
  readonly connections: number;
  /**
   * `rate`: arrivals a second, at random times (Poisson), whatever becomes of those before. `together`: so many clients
   * that send their next request when they have the answer; it finds out what a gateway can do, never how it is to wait.
   */
  readonly arrivals: { readonly rate: number } | { readonly together: number };
}

export interface LoadResult {
  readonly sent: number;
  /** Answers without errors that came while the load lasted. */
  readonly served: number;
  /** All answers by what they are: `served`, `503 OVERLOADED`, `200 OVERLOADED`, `closed ECONNRESET`, `unanswered` … */
  readonly outcomes: Readonly<Record<string, number>>;
  /** Of those served, from the moment at which they were to be sent. */
  readonly latency: Spread;
  /** Of all others, likewise. */
  readonly refusal: Spread;
  /** How late requests were sent. */
  readonly lag: Spread;
  readonly connections: number;
  /** How long the generator itself computed, in seconds. */
  readonly cpuSeconds: number;
}

/** A volume that the upstream never answers. */
export const silentVolume = 'ffffffff-ffff-4fff-8fff-ffffffffffff';

export const tenant = '6cdebe3eb0094910bc41f1d42ebe4cb7';
