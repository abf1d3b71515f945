import fc from 'fast-check';
import { expect, test } from 'vitest';
import { createFairQueue } from '../../src/fairness/fair-queue.ts';

/* The order of queued work of several callers. */

const entries = fc.array(
  fc.record({
    owner: fc.nat({ max: 4 }).map(String),
    cost: fc.integer({ min: 1, max: 1000 }),
    isDropped: fc.boolean(),
  }),
  { minLength: 1, maxLength: 60 },
);

test('every entry that is not dropped is taken once, and nothing is left', () =>
  fc.assert(
    fc.property(entries, (all) => {
      const queue = createFairQueue<number>();
      const added = all.map(({ owner, cost }, index) => queue.add(owner, cost, index));
      for (const [index, { isDropped }] of all.entries()) if (isDropped) queue.drop(added[index] as (typeof added)[0]);
      const taken: number[] = [];
      for (let next = queue.next(); next; next = queue.next()) {
        queue.take(next);
        taken.push(next.item);
      }
      const kept = all.flatMap(({ isDropped }, index) => (isDropped ? [] : [index]));
      expect(taken.toSorted((a, b) => a - b)).toEqual(kept);
      expect([queue.size, queue.cost]).toEqual([0, 0]);
    }),
  ));

test('the work that owners with queued entries have received differs by one entry at most', () =>
  fc.assert(
    fc.property(entries, (all) => {
      const queue = createFairQueue<null>();
      const largest = Math.max(...all.map(({ cost }) => cost));
      for (const { owner, cost } of all) queue.add(owner, cost, null);
      const given = new Map(all.map(({ owner }) => [owner, 0]));
      for (let next = queue.next(); next; next = queue.next()) {
        queue.take(next);
        given.set(next.owner, (given.get(next.owner) ?? 0) + next.cost);
        const busy = [...given].filter(([owner]) => queue.costOf(owner) > 0).map(([, cost]) => cost);
        if (busy.length > 0) expect(Math.max(...busy) - Math.min(...busy)).toBeLessThanOrEqual(largest);
      }
    }),
  ));

test('a new owner waits for one entry of each other owner at most', () => {
  const queue = createFairQueue<string>();
  for (const owner of ['a', 'b']) for (let index = 0; index < 50; index++) queue.add(owner, 10, owner);
  for (let index = 0; index < 40; index++) take();
  queue.add('late', 10, 'late');
  expect([take(), take(), take()]).toContain('late');

  function take() {
    const next = queue.next();
    if (next) queue.take(next);
    return next?.item;
  }
});

test('an entry that may not be taken is skipped and keeps its position', () => {
  const queue = createFairQueue<string>();
  queue.add('a', 1, 'first');
  queue.add('b', 1, 'second');
  expect(queue.next((item) => item !== 'first')?.item).toBe('second');
  expect(queue.next()?.item).toBe('first');
  expect(queue.next(() => false)).toBeNull();
});
