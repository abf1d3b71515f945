import { setTimeout as sleep } from 'node:timers/promises';
import { abortSignalOf } from '../fairness/until.ts';
import type { Region, RegionTable } from '../regions.ts';
import { UpstreamError } from './error.ts';
import { isOfProxy } from './fault.ts';
import type { Caller, Layer, UpstreamAnswer } from './send.ts';

/** Attempts for one GET, the first among them. */
const maxAttempts = 3;

/** The longest pause before the second attempt, in milliseconds; it doubles for each further one. */
const firstPauseMs = 50;

/** At most this part of a region's calls in flight may be retries, but three are always allowed. */
const budget = { part: 0.2, least: 3 };

/**
 * Repeats GETs that failed for a reason that passes: no connection or a broken one, 502, 503, 504, and 429 or 413 with
 * `Retry-After`. With `Retry-After` a GET is repeated after that time. Writes are sent once. No repetition when the region
 * is busy, beyond the budget, or when the caller's time would be up.
 * @param waiting how many calls to a region wait for their turn.
 */
export function createRetry(regions: RegionTable, waiting: (region: Region) => number): Layer {
  const counts = new Map(regions.map(({ code }) => [code, { calls: 0, retries: 0 }]));

  return (next) => async (request, caller) => {
    const count = counts.get(request.region.code);
    if (request.method !== 'GET' || !count) return next(request, caller);
    count.calls++;
    try {
      for (let attempt = 1; ; attempt++) {
        let outcome: Outcome;
        try {
          outcome = await next(request, caller);
        } catch (failure) {
          outcome = { failure };
        }
        const pause = attempt < maxAttempts ? pauseBefore(outcome, attempt, caller) : null;
        const isAffordable =
          !caller.calls.isSpent() && count.retries < Math.max(budget.least, budget.part * count.calls);
        if (pause === null || !isAffordable || waiting(request.region) > 0) return resultOf(outcome);
        drop(outcome);
        // A pause that the region asked for can be long, and takes no repetition from others.
        const counted = secondsAsked(outcome) === null ? 1 : 0;
        count.retries += counted;
        try {
          await sleep(pause, undefined, { signal: abortSignalOf(caller.signal) });
        } catch (error) {
          throw new UpstreamError('cancelled', request, { cause: error });
        } finally {
          count.retries -= counted;
        }
      }
    } finally {
      count.calls--;
    }
  };
}

type Outcome = UpstreamAnswer | { readonly failure: unknown };

function resultOf(outcome: Outcome): UpstreamAnswer {
  if ('failure' in outcome) throw outcome.failure;
  return outcome;
}

/** Gives back the memory of a response that is replaced by the next attempt. */
function drop(outcome: Outcome): void {
  if ('failure' in outcome) return;
  outcome.held?.hold.keep(0);
  outcome.free();
}

/** Milliseconds to wait before the next attempt; null where there is to be none. */
function pauseBefore(outcome: Outcome, attempt: number, caller: Caller): number | null {
  if (!isPassing(outcome)) return null;
  const asked = secondsAsked(outcome);
  const pause = asked === null ? Math.random() * firstPauseMs * 2 ** (attempt - 1) : asked * 1000;
  return performance.now() + pause < caller.deadline ? pause : null;
}

function isPassing(outcome: Outcome): boolean {
  if (!('failure' in outcome)) {
    const { status, retryAfter } = outcome;
    return isOfProxy(status) || (retryAfter !== null && [413, 429].includes(status));
  }
  const { failure } = outcome;
  return failure instanceof UpstreamError && ['refused', 'notSent', 'broken'].includes(failure.kind);
}

/** Seconds that the region itself asks to wait. */
function secondsAsked(outcome: Outcome): number | null {
  return 'failure' in outcome ? null : outcome.retryAfter;
}
