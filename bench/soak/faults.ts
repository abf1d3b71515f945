import { setTimeout as delay } from 'node:timers/promises';
import type { ErrorCode } from '../../src/errors/codes.ts';
import type { Fault } from '../../src/simulator/server.ts';
import type { Peer } from '../process.ts';
import type { Random } from '../random.ts';
import { timeouts } from './settings.ts';

/** A fault that was or is in a region, on the clock of `performance.now()`. */
export interface FaultPeriod {
  readonly region: string;
  readonly kind: string;
  /** What callers may be told of it. */
  readonly codes: readonly ErrorCode[];
  readonly from: number;
  /** Endless while it lasts. */
  to: number;
}

interface FaultKind {
  readonly codes: readonly ErrorCode[];
  make(random: Random): Omit<Fault, 'region'>;
}

/** The kinds, each as likely; a region that is out of order is UPSTREAM_UNAVAILABLE besides. */
const kinds: Readonly<Record<string, FaultKind>> = {
  // Some are longer than a call may take, and several one after the other are longer than a request may.
  delay: {
    codes: ['UPSTREAM_TIMEOUT'],
    make: (random) => ({ kind: 'delay', ms: random.between(50, timeouts.upstream * 1.3) }),
  },
  hang: { codes: ['UPSTREAM_TIMEOUT'], make: () => ({ kind: 'hang' }) },
  'status 500': { codes: ['UPSTREAM_ERROR'], make: () => ({ kind: 'status', status: 500 }) },
  'status 503': { codes: ['UPSTREAM_UNAVAILABLE'], make: () => ({ kind: 'status', status: 503 }) },
  'status 429': {
    codes: ['RATE_LIMITED'],
    make: (random) => ({ kind: 'status', status: 429, ...(random() < 0.5 ? { headers: { 'Retry-After': '1' } } : {}) }),
  },
  reset: { codes: ['UPSTREAM_UNAVAILABLE'], make: () => ({ kind: 'reset' }) },
  halfBody: { codes: ['UPSTREAM_UNAVAILABLE'], make: () => ({ kind: 'halfBody' }) },
  'html 503': { codes: ['UPSTREAM_UNAVAILABLE'], make: () => ({ kind: 'html' }) },
  // A login page; of reads alone, since nobody could know that a deletion was not meant by it.
  'html 200': { codes: ['UPSTREAM_ERROR'], make: () => ({ kind: 'html', status: 200, method: 'GET' }) },
};

/** Faults one after the other, with pauses, until they are stopped. */
export interface FaultPlan {
  /** What is there at the moment, such as `hang in kr2`. */
  readonly current: string;
  /** Lifts what is there. */
  stop(): Promise<void>;
}

/** @param periods is added to. */
export function startFaults(
  periods: FaultPeriod[],
  simulator: Peer<unknown>,
  regions: readonly [string, ...string[]],
  random: Random,
): FaultPlan {
  const stopping = new AbortController();
  const wait = (seconds: number) => delay(seconds * 1000, undefined, { signal: stopping.signal }).catch(() => {});
  const names = Object.keys(kinds) as [string, ...string[]];
  let current = 'none';

  async function strike(): Promise<void> {
    const region = random.pick(regions);
    const name = random.pick(names);
    const kind = kinds[name];
    if (!kind) return;
    const fault = kind.make(random);
    const seconds = random.between(2, 8);
    const period = { region, kind: name, codes: kind.codes, from: performance.now(), to: Number.POSITIVE_INFINITY };
    periods.push(period);
    current = `${name} in ${region}`;
    const id = await simulator.ask<number>('inject', { region, ...fault });
    await wait(seconds);
    await simulator.ask('lift', { id });
    period.to = performance.now();
    current = 'none';
  }

  async function run(): Promise<void> {
    while (!stopping.signal.aborted) {
      await wait(random.between(1, 8));
      if (!stopping.signal.aborted) await strike();
    }
  }

  const running = run();
  return {
    get current() {
      return current;
    },
    stop() {
      stopping.abort();
      return running;
    },
  };
}
