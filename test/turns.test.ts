import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { countRows } from '../src/aggregation/count.ts';
import { merge } from '../src/aggregation/merge.ts';
import type { Source } from '../src/aggregation/source.ts';
import { createTurns } from '../src/fairness/turns.ts';
import { startCanned } from './support/canned.ts';
import { bob, startGateway } from './support/stack.ts';
import { breatheAlone, countTurns } from './support/turns.ts';

/* Who may work next where the event loop is one and callers are many. */

const turnBytes = 1024 * 1024;
const later = () => ({ deadline: performance.now() + 60_000, signal: new AbortController().signal });

interface Row {
  readonly uuid: string;
}

/** A filter that takes its time, and that no row passes. */
const matches = ({ uuid }: Row) => `volume ${uuid}`.toUpperCase().includes('NONE');
const bound = { rows: 10_000, until: Number.POSITIVE_INFINITY };
const wanted = { first: 1, progress: [null], order: [], matches, exact: false, bound };

interface Piece {
  readonly owner: number;
  readonly cost: number;
  /** Whether its caller leaves before its turn. */
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

test('whatever is asked for, everybody comes to work or is told that it does not, and nothing is left', () =>
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

test('as long as callers have work, what they have done differs by at most one turn and one piece', () =>
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

test('who waits beyond its deadline is told so', async () => {
  const turns = createTurns();
  const { signal } = new AbortController();
  expect(await turns.take('late', 1, { deadline: performance.now() - 1, signal })).toBe(false);
  expect(turns.waiting).toBe(0);
});

test('work in steps goes on at once for a while, and then when others have had their turn', async () => {
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

test('all who work in one turn of the event loop share its time', async () => {
  const turns = createTurns();
  const until = later();
  let pause = null;
  while (pause === null) pause = turns.goOn('alice', until);
  const ofBob = turns.goOn('bob', until);
  expect(ofBob).not.toBeNull();
  await Promise.all([pause, ofBob]);
});

test('work in steps that is asked for in later rounds of promises and ticks belongs to the same turn', async () => {
  const turns = createTurns();
  const until = later();
  let pause = null;
  while (pause === null) pause = turns.goOn('alice', until);
  // As loaders do: what is asked for in one round is read in the next.
  await new Promise<void>((resolve) => process.nextTick(resolve));
  const again = turns.goOn('alice', until);
  expect(again).not.toBeNull();
  await Promise.all([pause, again]);
});

test('who has left, or whose time is up, is told so when it asks to go on', async () => {
  const turns = createTurns();
  const until = { ...later(), signal: AbortSignal.abort() };
  let pause = null;
  while (pause === null) pause = turns.goOn('alice', until);
  expect(await pause).toBe(false);
});

test.each([
  ['counted', (sources: Source<Row>[]) => countRows(sources, { matches, bound })],
  ['merged', (sources: Source<Row>[]) => Promise.all(sources.map((source) => merge([source], wanted)))],
])('a list that is here is %s a hundred times in several turns of the event loop', async (_, read) => {
  const rows = Array.from({ length: 1000 }, (_, index) => ({ uuid: String(index) }));
  const breathe = breatheAlone();
  async function* readPages() {
    for (let page = 1; page <= 10; page++) yield { rows, isLast: page === 10, isWhole: false };
  }
  const region = { code: 'kr1', name: 'Pangyo', endpoint: 'http://kr1', ownIdentity: false };
  const source: Source<Row> = { region, walk: readPages, order: [], keysOf: () => [], breathe };
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
  // Both callers are known, and so two.
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
