import {
  BrokenCircuitError,
  type CircuitBreakerPolicy,
  CircuitState,
  CountBreaker,
  circuitBreaker,
  handleWhen,
  TaskCancelledError,
} from 'cockatiel';
import type { Region, RegionTable } from '../regions.ts';
import { type Layer, type UpstreamAnswer, UpstreamError } from './send.ts';

/** Keeps calls from a region that is out of order, until it answers again. */
export interface Breaker {
  readonly layer: Layer;
  /** False while calls are kept from the region. */
  readonly isAvailable: (region: Region) => boolean;
}

/** Opens when more than half of the last calls failed, of at least 20. */
const failing = { threshold: 0.5, size: 100, minimumNumberOfCalls: 20 };

/** So many milliseconds after it opened one call is let through, to see whether the region answers again. */
const halfOpenAfter = 5_000;

export function createBreaker(regions: RegionTable): Breaker {
  const policies = new Map(regions.map(({ code }) => [code, createPolicy()]));

  function policyOf({ code }: Region): CircuitBreakerPolicy {
    const policy = policies.get(code);
    if (!policy) throw new Error(`region ${code} is not in the table`);
    return policy;
  }

  const layer: Layer = (next) => async (request, caller) => {
    const policy = policyOf(request.region);
    // A write is never the call that finds out.
    if (policy.state !== CircuitState.Closed && request.method !== 'GET') throw new UpstreamError('open', request);
    try {
      return await policy.execute(() => next(request, caller), caller.signal);
    } catch (error) {
      if (error instanceof BrokenCircuitError) throw new UpstreamError('open', request, error);
      if (error instanceof TaskCancelledError) throw new UpstreamError('cancelled', request, error);
      throw error;
    }
  };

  return { layer, isAvailable: (region) => policyOf(region).state === CircuitState.Closed };
}

function createPolicy(): CircuitBreakerPolicy {
  const policy: CircuitBreakerPolicy = circuitBreaker(
    handleWhen((error) => isOutage(error) || isLostProbe(error)).orWhenResult(isOutageAnswer),
    { halfOpenAfter, breaker: new CountBreaker(failing) },
  );
  // A probe whose client has left has found out nothing, so it must not close the breaker.
  const isLostProbe = (error: unknown) => policy.state === CircuitState.HalfOpen && error instanceof UpstreamError;
  return policy;
}

/** No connection, a broken one, or no answer in time: signs that the region is out of order. */
function isOutage(error: unknown): boolean {
  return error instanceof UpstreamError && ['refused', 'notSent', 'broken', 'timeout'].includes(error.kind);
}

/** What a proxy says in its place. Any other answer shows that the region works. */
function isOutageAnswer(answer: unknown): boolean {
  // Only answers of `next` come here.
  return [502, 503, 504].includes((answer as UpstreamAnswer).status);
}
