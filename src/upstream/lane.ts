import { setImmediate } from 'node:timers/promises';
import type { Caller, UpstreamAnswer, UpstreamRequest } from './send.ts';
import type { SharedCall } from './shared-call.ts';

/** The running and queued calls of one region, by caller. */
export interface Lane {
  /** The most concurrent calls, and the most of one caller. */
  readonly most: number;
  readonly mostOfCaller: number;
  active: number;
  /** Active calls that are paused until there is memory for their response. */
  paused: number;
  waiting: number;
  readonly activeOf: Map<string, number>;
  readonly pausedOf: Map<string, number>;
  /** Queued calls by caller. The callers are in the order of their turns. */
  readonly waitingOf: Map<string, Map<Key, SharedCall>>;
}

/** Queued calls with the same key share one call. */
export type Key = string | symbol;

/** One caller’s share of the concurrent calls to a region. */
const activePart = 3 / 4;

/** @param most the most concurrent calls. */
export function createLane(most: number): Lane {
  return {
    most,
    mostOfCaller: Math.ceil(most * activePart),
    active: 0,
    paused: 0,
    waiting: 0,
    activeOf: new Map(),
    pausedOf: new Map(),
    waitingOf: new Map(),
  };
}

/**
 * For a request that holds memory, paused calls do not count: they wait for the memory that it gives back when it is
 * finished.
 */
export function mayRun(lane: Lane, { owner, memory }: Caller): boolean {
  const isBegun = memory.isBegun();
  const active = lane.active - (isBegun ? lane.paused : 0);
  const own = (lane.activeOf.get(owner) ?? 0) - (isBegun ? (lane.pausedOf.get(owner) ?? 0) : 0);
  return active < lane.most && own < lane.mostOfCaller;
}

/** Makes a call, and counts it as active until it has ended. */
export async function runCounted(
  lane: Lane,
  owner: string,
  send: (onPause: NonNullable<UpstreamRequest['onPause']>) => Promise<UpstreamAnswer>,
): Promise<UpstreamAnswer> {
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

/** Queues a call behind the other calls of its caller. */
export function addWaiting(lane: Lane, owner: string, key: Key, call: SharedCall): void {
  const calls = lane.waitingOf.get(owner) ?? new Map<Key, SharedCall>();
  lane.waitingOf.set(owner, calls.set(key, call));
  lane.waiting++;
}

export function removeWaiting(lane: Lane, owner: string, key: Key): void {
  const calls = lane.waitingOf.get(owner);
  if (!calls?.delete(key)) return;
  lane.waiting--;
  if (calls.size === 0) lane.waitingOf.delete(owner);
}

/** Starts queued calls while there is room, one of each caller in turn. */
function startWaiting(lane: Lane): void {
  for (const [owner, calls] of lane.waitingOf) {
    if (lane.active - lane.paused >= lane.most) return;
    const next = calls.entries().find(([, { payer }]) => mayRun(lane, payer()));
    if (!next) continue;
    const [key, call] = next;
    removeWaiting(lane, owner, key);
    // Move the caller to the end of the order of turns.
    if (lane.waitingOf.delete(owner) && calls.size > 0) lane.waitingOf.set(owner, calls);
    call.start();
  }
}

function add(counts: Map<string, number>, owner: string, more: 1 | -1): void {
  const own = (counts.get(owner) ?? 0) + more;
  if (own === 0) counts.delete(owner);
  else counts.set(owner, own);
}
