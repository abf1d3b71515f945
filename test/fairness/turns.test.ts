import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { countRows } from '../../src/aggregation/count.ts';
import { merge } from '../../src/aggregation/merge.ts';
import type { Source } from '../../src/aggregation/source.ts';
import { createTurns } from '../../src/fairness/turns.ts';
import { startCanned } from '../support/canned.ts';
import { regionAt } from '../support/region.ts';
import { bob, startGateway } from '../support/stack.ts';
import { breatheAlone, countTurns } from '../support/turns.ts';

/* The order in which callers use the event loop. */

const turnBytes = 1024 * 1024;
const later = () => ({ deadline: performance.now() + 60_000, signal: new AbortController().signal });

interface Row {
  readonly uuid: string;
}

/** A slow filter that no row passes. */
const matches = ({ uuid }: Row) => `volume ${uuid}`.toUpperCase().includes('NONE');
const bound = { rows: 10_000, until: Number.POSITIVE_INFINITY };
const wanted = { first: 1, progress: [null], order: [], matches, exact: false, bound };

interface Piece {
  readonly owner: number;
  readonly cost: number;
  /** Whether the caller leaves before its turn. */
  readonly leaves: boolean;
}

const pieces = fc.array(
  fc.record({
    owner: fc.nat({ max: 4 }),
    cost: fc.oneof(fc.integer({ min: 1, max: 2_000 }), fc.integer({ min: 1, max: 3 * turnBytes })),
    leaves: fc.boolean(),
  }),
  { minLength: 1, maxLength: 40 },
);

test('every piece of work gets its turn, or false if its caller has left, and the queue is empty afterwards', () =>
  fc.assert(
    fc.asyncProperty(pieces, async (all: readonly Piece[]) => {
      const turns = createTurns();
      const outcomes = all.map(({ owner, cost, leaves }) => {
        const leaving = new AbortController();
        const granted = turns.take(String(owner), cost, { ...later(), signal: leaving.signal });
        if (leaves) leaving.abort();
        return granted;
      });
      expect(await Promise.all(outcomes)).toEqual(all.map(({ leaves }) => !leaves));
      expect(turns.waiting).toBe(0);
    }),
    { numRuns: 100 },
  ));

test('while callers have queued work, the work they have done differs by one turn and one piece at most', () =>
  fc.assert(
    fc.asyncProperty(pieces, async (all: readonly Piece[]) => {
      const turns = createTurns();
      const done = new Map<number, number>();
      const left = new Map<number, number>();
      const largest = Math.max(...all.map(({ cost }) => cost));
      for (const { owner } of all) left.set(owner, (left.get(owner) ?? 0) + 1);
      for (const { owner } of all) done.set(owner, 0);
      await Promise.all(
        all.map(async ({ owner, cost }) => {
          await turns.take(String(owner), cost, later());
          done.set(owner, (done.get(owner) ?? 0) + cost);
          left.set(owner, (left.get(owner) ?? 0) - 1);
          const busy = [...done].filter(([other]) => (left.get(other) ?? 0) > 0).map(([, bytes]) => bytes);
          expect(Math.max(0, ...busy) - Math.min(Number.POSITIVE_INFINITY, ...busy)).toBeLessThanOrEqual(
            turnBytes + largest,
          );
        }),
      );
    }),
    { numRuns: 100 },
  ));

test('work whose deadline has passed gets false', async () => {
  const turns = createTurns();
  const { signal } = new AbortController();
  expect(await turns.take('late', 1, { deadline: performance.now() - 1, signal })).toBe(false);
  expect(turns.waiting).toBe(0);
});

test('work in steps continues at once for a while, then after others have had their turn', async () => {
  const turns = createTurns();
  const until = later();
  expect(turns.goOn('alice', until)).toBeNull();
  let isServed = false;
  setImmediate(() => {
    isServed = true;
  });
  let pause = null;
  while (pause === null) pause = turns.goOn('alice', until);
  expect(await pause).toBe(true);
  expect(isServed).toBe(true);
});

test('all work of one iteration of the event loop shares its time', async () => {
  const turns = createTurns();
  const until = later();
  let pause = null;
  while (pause === null) pause = turns.goOn('alice', until);
  const ofBob = turns.goOn('bob', until);
  expect(ofBob).not.toBeNull();
  await Promise.all([pause, ofBob]);
});

test('steps that start in later microtasks and ticks belong to the same iteration', async () => {
  const turns = createTurns();
  const until = later();
  let pause = null;
  while (pause === null) pause = turns.goOn('alice', until);
  // As loaders do: keys collected in one tick are read in the next.
  await new Promise<void>((resolve) => process.nextTick(resolve));
  const again = turns.goOn('alice', until);
  expect(again).not.toBeNull();
  await Promise.all([pause, again]);
});

test('a step of a caller that has left gets false', async () => {
  const turns = createTurns();
  const until = { ...later(), signal: AbortSignal.abort() };
  let pause = null;
  while (pause === null) pause = turns.goOn('alice', until);
  expect(await pause).toBe(false);
});

test.each([
  ['counted', (sources: Source<Row>[]) => countRows(sources, { matches, bound })],
  ['merged', (sources: Source<Row>[]) => Promise.all(sources.map((source) => merge([source], wanted)))],
])('a list in memory is %s a hundred times in several iterations of the event loop', async (_, read) => {
  const rows = Array.from({ length: 1000 }, (_, index) => ({ uuid: String(index) }));
  const breathe = breatheAlone();
  async function* readPages() {
    for (let page = 1; page <= 10; page++) yield { rows, isLast: page === 10, isWhole: false };
  }
  const source: Source<Row> = { region: regionAt(), walk: readPages, order: [], keysOf: () => [], breathe };
  const loop = countTurns();
  await read(Array.from({ length: 100 }, () => source));
  expect(loop.stop()).toBeGreaterThan(2);
});

test('a caller’s list is answered before most of the lists that another caller asked for earlier', async () => {
  const rows = Array.from({ length: 500 }, (_, index) => ({
    id: `00000000-0000-4000-8000-${String(999 - index).padStart(12, '0')}`,
    name: `volume ${index}`,
    metadata: { text: 'x'.repeat(500) },
    created_at: `2024-01-01T00:00:00.${999_999 - index}`,
  }));
  const body = JSON.stringify({ volumes: rows });
  const held: ServerResponse[] = [];
  await using region = await startCanned((request, response) => {
    if (!request.path.includes('detail')) return { body: { volume_types: [] } };
    held.push(response);
    return null;
  });
  await using gateway = await startGateway({ kr1: region.endpoint });
  const headers = { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant };
  // The region has accepted both tokens, so they count as two callers.
  for (const options of [{}, { headers }]) await gateway.data('{ volumeTypes { nodes { id } } }', options);
  const order: string[] = [];
  const ask = (who: string, first: number, options = {}) =>
    gateway.data(`{ volumes(first: ${first}) { nodes { size } } }`, options).then(() => void order.push(who));
  const answers = Array.from({ length: 20 }, (_, index) => ask('alice', 600 + index));
  await vi.waitFor(() => expect(held).toHaveLength(20));
  answers.push(ask('bob', 600, { headers }));
  await vi.waitFor(() => expect(held).toHaveLength(21));
  for (const response of held) response.writeHead(200, { 'content-type': 'application/json' }).end(body);
  await Promise.all(answers);
  expect(order.indexOf('bob')).toBeLessThan(answers.length / 2);
});

describe('a request that has begun', () => {
  // The tests decide how long work takes.
  beforeEach(() => void vi.useFakeTimers({ toFake: ['performance'] }));
  afterEach(() => void vi.useRealTimers());

  /** Turns, and the names of the callers in the order in which their work was started. */
  function recordOrder() {
    const turns = createTurns();
    const order: string[] = [];
    return {
      order,
      take: async (name: string, cost: number, until = later()) => {
        await turns.take(name, cost, until);
        order.push(name);
      },
    };
  }

  test.each([
    ['goes on before other long work, and after short work', 0, ['alice', 'carol', 'alice', 'bob']],
    ['lets others begin when its turn has taken 50 ms', 51, ['alice', 'carol', 'bob', 'alice']],
  ])('%s', async (_, stepMs, expected) => {
    const { order, take } = recordOrder();
    const until = later();
    await take('alice', turnBytes, until);
    vi.advanceTimersByTime(stepMs);
    await Promise.all([take('bob', turnBytes), take('alice', 2 * turnBytes, until), take('carol', 32 * 1024)]);
    expect(order).toEqual(expected);
  });

  test('does not delay short work, even if other long work was queued first', async () => {
    const { order, take } = recordOrder();
    const until = later();
    await take('alice', turnBytes, until);
    const bob = take('bob', turnBytes);
    await take('alice', turnBytes, until);
    await Promise.all([bob, take('alice', turnBytes, until), take('carol', 32 * 1024)]);
    expect(order).toEqual(['alice', 'alice', 'carol', 'alice', 'bob']);
  });
});
