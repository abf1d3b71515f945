import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createTurns } from '../src/fairness/turns.ts';
import { alice, bob, startStack } from './support/stack.ts';

/* Who may work next where the event loop is one and callers are many. */

const turnBytes = 512 * 1024;
const later = () => ({ deadline: performance.now() + 60_000, signal: new AbortController().signal });

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

test('a caller that asks for one volume is answered before another caller’s long lists', async () => {
  await using stack = await startStack({ regions: [{ code: 'kr1' }] });
  const store = stack.simulator.store('kr1');
  for (let index = 0; index < 500; index++) store.addVolume(alice.tenant, { metadata: { text: 'x'.repeat(250) } });
  const { id } = store.addVolume(bob.tenant);
  const headers = { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant };
  const one = `{ volume(id: "${id}", region: KR1) { name } }`;
  await stack.data(one, { headers });
  await stack.data('{ volumes(first: 1) { nodes { name } } }');
  stack.simulator.clearRequests();
  const release = stack.simulator.hold();
  const order: string[] = [];
  const note = (who: string) => () => void order.push(who);
  const lists = Array.from({ length: 20 }, (_, index) =>
    stack.data(`{ volumes(first: ${480 + index}) { nodes { name size } } }`).then(note('a long list')),
  );
  await stack.simulator.waitForRequests(lists.length);
  const small = stack.data(one, { headers }).then(note('one volume'));
  await stack.simulator.waitForRequests(lists.length + 1);
  release();
  await Promise.all([...lists, small]);
  expect(order.indexOf('one volume')).toBeLessThan(lists.length / 2);
});
