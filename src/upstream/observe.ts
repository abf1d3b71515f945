import { bytesOf } from './answer-body.ts';
import { UpstreamError } from './error.ts';
import { classOf } from './outcome.ts';
import type { Layer } from './send.ts';

/** Reports every attempt to the caller, answered or not. */
export const observe: Layer = (next) => async (request, caller) => {
  const { region, method, path } = request;
  const start = performance.now();
  const exchange = { region: region.code, method, path };
  try {
    const answer = await next(request, caller);
    const { status } = answer;
    const outcome = { status, failure: null, class: classOf(answer), bytes: bytesOf(answer) };
    caller.observe({ ...exchange, ...outcome, milliseconds: since(start) });
    return answer;
  } catch (error) {
    // Without credentials, or beyond the calls of a request, nothing was called.
    if (error instanceof UpstreamError && error.kind !== 'outOfCalls') {
      const outcome = { status: null, failure: error.kind, class: classOf(error), bytes: 0 };
      caller.observe({ ...exchange, ...outcome, milliseconds: since(start) });
    }
    throw error;
  }
};

/** Milliseconds to a tenth. */
export function since(start: number): number {
  return Math.round((performance.now() - start) * 10) / 10;
}
