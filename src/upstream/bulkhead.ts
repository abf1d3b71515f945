import { setImmediate } from 'node:timers/promises';
import type { Region, RegionTable } from '../regions.ts';
import {
  type Caller,
  type Layer,
  type Send,
  type UpstreamAnswer,
  UpstreamError,
  type UpstreamRequest,
} from './send.ts';

/** Keeps one region from taking everything: so many calls at once, so many more waiting, the rest refused. */
export interface Bulkhead {
  readonly layer: Layer;
  /** Calls to a region that wait for their turn. */
  readonly waiting: (region: Region) => number;
}

/**
 * A GET that waits may be joined by an identical one of the same token and tenant. Once it is handed to a socket nobody
 * joins any more: who asks later may have seen a write, and must read what is true after it.
 * @param options.concurrency calls of a region at once
 * @param options.queue calls of a region that may wait
 */
export function createBulkhead(regions: RegionTable, options: { concurrency: number; queue: number }): Bulkhead {
  const lanes = new Map(regions.map(({ code }) => [code, { active: 0, waiting: new Map<Key, Waiting>() }]));

  function laneOf(region: string) {
    const lane = lanes.get(region);
    if (!lane) throw new Error(`region ${region} is not in the table`);
    return lane;
  }

  const layer: Layer = (next) => (request, caller) => {
    const lane = laneOf(request.region.code);
    const run = async (send: () => Promise<UpstreamAnswer>) => {
      lane.active++;
      try {
        return await send();
      } finally {
        lane.active--;
        const [next] = lane.waiting;
        if (next) {
          const [key, waiting] = next;
          lane.waiting.delete(key);
          waiting.start();
          // Whatever has arrived hands its place on before any answer is worked on, so that the region never idles.
          await setImmediate();
        }
      }
    };
    if (lane.active < options.concurrency) return run(() => next(request, caller));

    const key = keyOf(request, caller);
    const known = lane.waiting.get(key);
    if (!known && lane.waiting.size >= options.queue)
      return Promise.reject(new UpstreamError('overloaded', request, { retryAfter: 1 }));
    const waiting = known ?? createWaiting(caller, (shared) => run(() => next(request, shared)));
    lane.waiting.set(key, waiting);
    return waiting.join(request, caller, () => {
      if (lane.waiting.get(key) === waiting) lane.waiting.delete(key);
    });
  };

  return { layer, waiting: ({ code }) => laneOf(code).waiting.size };
}

/** A call that waits for its turn, and all who wait for its answer. */
interface Waiting {
  start(): void;
  /** The answer, until the joining caller leaves or its time is up. The last to leave cancels, by `remove` too. */
  join(request: UpstreamRequest, caller: Caller, remove: () => void): Promise<UpstreamAnswer>;
}

function createWaiting(first: Caller, send: (caller: Caller) => ReturnType<Send>): Waiting {
  const left = new AbortController();
  const { promise, resolve } = Promise.withResolvers<UpstreamAnswer>();
  // Nobody may be there any more to hear of a failure.
  promise.catch(() => {});
  let joined = 0;
  let started = false;
  let deadline = 0;

  /** Whether the call was handed to a socket; known for certain once nobody waits for it and it was cancelled. */
  async function wasSent(): Promise<boolean> {
    if (!started || !left.signal.aborted) return started;
    const outcome = await promise.catch((error: unknown) => error);
    return outcome instanceof UpstreamError ? outcome.sent : true;
  }

  return {
    start() {
      started = true;
      resolve(send({ ...first, signal: left.signal, deadline }));
    },
    async join(request, caller, remove) {
      joined++;
      deadline = Math.max(deadline, caller.deadline);
      const gone = Promise.withResolvers<'cancelled' | 'timeout'>();
      const onAbort = () => gone.resolve('cancelled');
      const timer = setTimeout(gone.resolve, Math.max(0, caller.deadline - performance.now()), 'timeout');
      caller.signal.addEventListener('abort', onAbort);
      if (caller.signal.aborted) onAbort();
      const outcome = await Promise.race([promise.catch(asFailure), gone.promise]);
      clearTimeout(timer);
      caller.signal.removeEventListener('abort', onAbort);
      joined--;
      if (joined === 0) {
        remove();
        left.abort(nobodyWaits);
      }
      if (typeof outcome === 'string') throw new UpstreamError(outcome, request, { sent: await wasSent() });
      if ('failure' in outcome) throw forJoined(outcome.failure, request);
      return { ...outcome };
    },
  };
}

function asFailure(failure: unknown) {
  return { failure };
}

/** Each who waited is given an error of its own. */
function forJoined(failure: unknown, request: UpstreamRequest): unknown {
  return failure instanceof UpstreamError ? new UpstreamError(failure.kind, request, failure) : failure;
}

const nobodyWaits = new Error('nobody waits for the answer');

/** Calls of one key may be one call. */
type Key = string | symbol;

/** A GET of a token and tenant; a write is like no other. It is held no longer than the caller, who holds the token. */
function keyOf({ method, path, region }: UpstreamRequest, caller: Caller): Key {
  if (method !== 'GET') return Symbol(method);
  const { token, tenant } = caller.identity(region);
  return `${tenant} ${path} ${token}`;
}
