import type { ServerResponse } from 'node:http';
import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { createTurns } from '../src/fairness/turns.ts';
import { startCanned } from './support/canned.ts';
import { bob, startGateway } from './support/stack.ts';

/* Who may work next where the event loop is one and callers are many. */

const turnBytes = 1024 * 1024;
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
