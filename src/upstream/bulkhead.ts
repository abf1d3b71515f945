import type { Region, RegionTable } from '../regions.ts';
import { UpstreamError } from './error.ts';
import { addWaiting, createLane, type Key, type Lane, mayRun, removeWaiting, runCounted } from './lane.ts';
import type { Caller, Layer, UpstreamRequest } from './send.ts';
import { createSharedCall } from './shared-call.ts';

/**
 * Limits the concurrent calls to each region, and the calls that queue for it, in total and per caller. Further calls are
 * refused. Queued calls start in turns between callers, however many each caller has queued.
 */
export interface Bulkhead {
  readonly layer: Layer;
  /** The number of queued calls to a region. */
  readonly waiting: (region: Region) => number;
}

/**
 * A GET joins a queued GET that is identical and has the same token and tenant. It does not join one that has started: the
 * caller may have seen a write since then, and must read the state after that write.
 * @param options.concurrency concurrent calls per region
 * @param options.queue queued calls per region
 */
export function createBulkhead(regions: RegionTable, options: { concurrency: number; queue: number }): Bulkhead {
  const { concurrency, queue } = options;
  const lanes = new Map(regions.map(({ code }) => [code, createLane(concurrency)]));

  function laneOf(region: string): Lane {
    const lane = lanes.get(region);
    if (!lane) throw new Error(`region ${region} is not in the table`);
    return lane;
  }

  const layer: Layer = (next) => (request, caller) => {
    const lane = laneOf(request.region.code);
    const { owner } = caller;
    const run = (payer: Caller) => runCounted(lane, owner, (onPause) => next({ ...request, onPause }, payer));
    if (mayRun(lane, caller)) return run(caller);

    const key = keyOf(request, caller);
    const own = lane.waitingOf.get(owner);
    const known = own?.get(key);
    const free = queue - lane.waiting;
    // A caller may take as many places as it leaves free, so one alone may have half of them (see also http/admission/room.ts).
    if (!known && (own?.size ?? 0) >= free) {
      const kind = free > 0 ? 'overloadedByCaller' : 'overloaded';
      return Promise.reject(new UpstreamError(kind, request, { retryAfter: 1 }));
    }
    const call = known ?? createSharedCall(caller, run);
    if (!known) addWaiting(lane, owner, key, call);
    return call.join(request, caller, () => {
      if (lane.waitingOf.get(owner)?.get(key) === call) removeWaiting(lane, owner, key);
    });
  };

  return { layer, waiting: ({ code }) => laneOf(code).waiting };
}

/** The same for equal GETs of one token and tenant; unique for a write. Holds the token, so keep it only while queued. */
function keyOf({ method, path, region }: UpstreamRequest, caller: Caller): Key {
  if (method !== 'GET') return Symbol(method);
  const { token, tenant } = caller.identity(region);
  return `${tenant} ${path} ${token}`;
}
