import { bytesOf, type Layer, UpstreamError } from './send.ts';

/** Tells the caller of every call, answered or not. */
export const observe: Layer = (next) => async (request, caller) => {
  const { region, method, path } = request;
  const start = performance.now();
  const exchange = { region: region.code, method, path };
  try {
    const answer = await next(request, caller);
    const { status } = answer;
    caller.observe({ ...exchange, status, failure: null, milliseconds: since(start), bytes: bytesOf(answer) });
    return answer;
  } catch (error) {
    // Without credentials, or beyond the calls of a request, nothing was called.
    if (error instanceof UpstreamError && error.kind !== 'outOfCalls') {
      caller.observe({ ...exchange, status: null, failure: error.kind, milliseconds: since(start), bytes: 0 });
    }
    throw error;
  }
};

/** Milliseconds to a tenth. */
function since(start: number): number {
  return Math.round((performance.now() - start) * 10) / 10;
}
