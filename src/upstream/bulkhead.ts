import { setImmediate } from 'node:timers/promises';
import type { Region, RegionTable } from '../regions.ts';
import { outOfMemory, UpstreamError } from './error.ts';
import type { Caller, HeldBody, Layer, Send, UpstreamAnswer, UpstreamRequest } from './send.ts';

/**
 * Limits the concurrent calls to each region, and the calls that queue for it, in total and per caller. Further calls are
 * refused. Queued calls start in turns between callers, however many each caller has queued.
 */
export interface Bulkhead {
  readonly layer: Layer;
  /** The number of queued calls to a region. */
  readonly waiting: (region: Region) => number;
}

/** One caller’s share of the concurrent calls to a region. */
const activePart = 3 / 4;

type OnPause = NonNullable<UpstreamRequest['onPause']>;

/** The running and queued calls of one region, by caller. */
interface Lane {
  active: number;
  /** Active calls that are paused until there is memory for their response. */
  paused: number;
  waiting: number;
  readonly activeOf: Map<string, number>;
  readonly pausedOf: Map<string, number>;
  /** Queued calls by caller. The callers are in the order of their turns. */
  readonly waitingOf: Map<string, Map<Key, Waiting>>;
}

/**
 * A GET joins a queued GET that is identical and has the same token and tenant. It does not join one that has started: the
 * caller may have seen a write since then, and must read the state after that write.
 * @param options.concurrency concurrent calls per region
 * @param options.queue queued calls per region
 */
export function createBulkhead(regions: RegionTable, options: { concurrency: number; queue: number }): Bulkhead {
  const { concurrency, queue } = options;
  const mostActive = Math.ceil(concurrency * activePart);
  const lanes = new Map(regions.map(({ code }) => [code, createLane()]));

  function laneOf(region: string): Lane {
    const lane = lanes.get(region);
    if (!lane) throw new Error(`region ${region} is not in the table`);
    return lane;
  }

  /**
   * For a request that holds memory, paused calls do not count: they wait for the memory that it gives back when it is
   * finished.
   */
  function mayRun(lane: Lane, { owner, memory }: Caller): boolean {
    const isBegun = memory.isBegun();
    const active = lane.active - (isBegun ? lane.paused : 0);
    const own = (lane.activeOf.get(owner) ?? 0) - (isBegun ? (lane.pausedOf.get(owner) ?? 0) : 0);
    return active < concurrency && own < mostActive;
  }

  /** Starts queued calls while there is room, one of each caller in turn. */
  function startWaiting(lane: Lane): void {
    for (const [owner, calls] of lane.waitingOf) {
      if (lane.active - lane.paused >= concurrency) return;
      const next = calls.entries().find(([, { payer }]) => mayRun(lane, payer()));
      if (!next) continue;
      const [key, waiting] = next;
      removeWaiting(lane, owner, key);
      // Move the caller to the end of the order of turns.
      if (lane.waitingOf.delete(owner) && calls.size > 0) lane.waitingOf.set(owner, calls);
      waiting.start();
    }
  }

  /** Makes a call, and counts it as active until it has ended. */
  async function count(lane: Lane, owner: string, send: (onPause: OnPause) => Promise<UpstreamAnswer>) {
    let isPaused = false;
    const setPaused = (pause: boolean) => {
      if (isPaused === pause) return;
      isPaused = pause;
      lane.paused += pause ? 1 : -1;
      add(lane.pausedOf, owner, pause ? 1 : -1);
      if (pause) startWaiting(lane);
    };
    lane.active++;
    add(lane.activeOf, owner, 1);
    try {
      return await send(setPaused);
    } finally {
      setPaused(false);
      lane.active--;
      add(lane.activeOf, owner, -1);
      if (lane.waiting > 0) {
        startWaiting(lane);
        // Yield once, so that all finished calls release their slot before any response is processed.
        await setImmediate();
      }
    }
  }

  const layer: Layer = (next) => (request, caller) => {
    const lane = laneOf(request.region.code);
    const { owner } = caller;
    const run = (shared: Caller) => count(lane, owner, (onPause) => next({ ...request, onPause }, shared));
    if (mayRun(lane, caller)) return run(caller);

    const key = keyOf(request, caller);
    const calls = lane.waitingOf.get(owner) ?? new Map<Key, Waiting>();
    const known = calls.get(key);
    const free = queue - lane.waiting;
    // A caller may take as many places as it leaves free, so one alone may have half of them (see also front/room.ts).
    if (!known && calls.size >= free) {
      const kind = free > 0 ? 'overloadedByCaller' : 'overloaded';
      return Promise.reject(new UpstreamError(kind, request, { retryAfter: 1 }));
    }
    const waiting = known ?? createWaiting(caller, run);
    if (!known) {
      lane.waitingOf.set(owner, calls.set(key, waiting));
      lane.waiting++;
    }
    return waiting.join(request, caller, () => {
      if (lane.waitingOf.get(owner)?.get(key) === waiting) removeWaiting(lane, owner, key);
    });
  };

  return { layer, waiting: ({ code }) => laneOf(code).waiting };
}

function createLane(): Lane {
  return { active: 0, paused: 0, waiting: 0, activeOf: new Map(), pausedOf: new Map(), waitingOf: new Map() };
}

function removeWaiting(lane: Lane, owner: string, key: Key): void {
  const calls = lane.waitingOf.get(owner);
  if (!calls?.delete(key)) return;
  lane.waiting--;
  if (calls.size === 0) lane.waitingOf.delete(owner);
}

function add(counts: Map<string, number>, owner: string, more: 1 | -1): void {
  const own = (counts.get(owner) ?? 0) + more;
  if (own === 0) counts.delete(owner);
  else counts.set(owner, own);
}

/** A queued call, and the callers that wait for its response. */
interface Waiting {
  /** The caller whose memory the response uses: the first one that has not left. */
  readonly payer: () => Caller;
  start(): void;
  /**
   * Waits for the response, until the caller leaves or its deadline passes. When the last caller has left, the call is
   * cancelled and `remove` takes it out of the queue.
   */
  join(request: UpstreamRequest, caller: Caller, remove: () => void): Promise<UpstreamAnswer>;
}

function createWaiting(first: Caller, send: (caller: Caller) => ReturnType<Send>): Waiting {
  const left = new AbortController();
  const { promise, resolve } = Promise.withResolvers<UpstreamAnswer>();
  // After all callers have left, a failure must not count as an unhandled rejection.
  promise.catch(() => {});
  const present: Caller[] = [];
  let payer = first;
  let isShared = false;
  let started = false;
  let deadline = 0;

  /** Whether the call was handed to a socket. While others still wait for it, a call that has started counts as sent. */
  async function wasSent(): Promise<boolean> {
    if (!started || !left.signal.aborted) return started;
    const outcome = await promise.catch((error: unknown) => error);
    return outcome instanceof UpstreamError ? outcome.sent : true;
  }

  return {
    payer: () => present[0] ?? first,
    start() {
      started = true;
      payer = present[0] ?? first;
      isShared = present.length > 1;
      // The payer may leave before the others. Its memory must last as long as the call.
      const done = payer.memory.retain();
      resolve(send({ ...payer, signal: left.signal, deadline }).finally(done));
    },
    async join(request, caller, remove) {
      present.push(caller);
      deadline = Math.max(deadline, caller.deadline);
      const gone = Promise.withResolvers<'cancelled' | 'timeout'>();
      const onAbort = () => gone.resolve('cancelled');
      const timer = setTimeout(gone.resolve, Math.max(0, caller.deadline - performance.now()), 'timeout');
      caller.signal.addEventListener('abort', onAbort);
      if (caller.signal.aborted) onAbort();
      const outcome = await Promise.race([promise.catch(asFailure), gone.promise]);
      clearTimeout(timer);
      caller.signal.removeEventListener('abort', onAbort);
      present.splice(present.indexOf(caller), 1);
      if (present.length === 0) {
        remove();
        left.abort(nobodyWaits);
      }
      if (typeof outcome === 'string') throw new UpstreamError(outcome, request, { sent: await wasSent() });
      if ('failure' in outcome) throw forJoined(outcome.failure, request);
      const { held } = outcome;
      if (!held || !isShared) return { ...outcome };
      const shared = { ...held, free: () => {} };
      return { ...outcome, held: caller === payer ? shared : await holdToo(shared, request, caller) };
    },
  };
}

/** Every caller decodes a shared response by itself, so each needs memory for it. */
async function holdToo(held: HeldBody, request: UpstreamRequest, caller: Caller): Promise<HeldBody> {
  const hold = caller.memory.hold('bodies');
  const shortage = await hold.grow(held.bytes, caller);
  if (shortage) throw outOfMemory(shortage, request);
  return { ...held, hold };
}

function asFailure(failure: unknown) {
  return { failure };
}

/** Creates a new error for each caller. */
function forJoined(failure: unknown, request: UpstreamRequest): unknown {
  return failure instanceof UpstreamError ? new UpstreamError(failure.kind, request, failure) : failure;
}

const nobodyWaits = new Error('nobody waits for the answer');

/** Queued calls with the same key share one call. */
type Key = string | symbol;

/** The same for equal GETs of one token and tenant; unique for a write. Holds the token, so keep it only while queued. */
function keyOf({ method, path, region }: UpstreamRequest, caller: Caller): Key {
  if (method !== 'GET') return Symbol(method);
  const { token, tenant } = caller.identity(region);
  return `${tenant} ${path} ${token}`;
}
