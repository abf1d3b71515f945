import { setImmediate as nextTurn } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareKeys, type KeyValue, type Order } from '../../src/block-storage/order.ts';
import { sortManyRows } from '../../src/block-storage/sort.ts';
import { walk } from '../../src/block-storage/walk.ts';
import { regionAt } from '../support/region.ts';
import { breatheAlone, countTurns } from '../support/turns.ts';

/* Lists that a region returns unsorted in one page are sorted by the gateway, however long they are. */

interface Row {
  readonly uuid: string;
  readonly size: number | null;
}

const order: Order = [{ key: 'size', direction: 'desc' }];
const keysOf = ({ size }: Row): KeyValue[] => [size];
const rowOf = (size: number | null, index: number): Row => ({ uuid: String(index), size });
const sorted = (rows: readonly Row[]) => rows.toSorted((a, b) => compareKeys(order, keysOf(a), keysOf(b)));

/** Unordered sizes. */
const sizeOf = (index: number) => (index * 7919) % 10_007;

test('any number of rows is sorted as toSorted does, and equal rows keep their order', () =>
  fc.assert(
    fc.asyncProperty(fc.nat({ max: 3500 }), fc.integer({ min: 1, max: 50 }), async (length, different) => {
      const rows = Array.from({ length }, (_, index) => rowOf(sizeOf(index) % different || null, index));
      let asked = 0;
      const breathe = () => (++asked % 2 === 0 ? nextTurn() : null);
      expect(await sortManyRows({ order, keysOf, breathe }, rows)).toEqual(sorted(rows));
    }),
    { numRuns: 50 },
  ));

const keyOf = (_: string, { size }: Row) => size;
const readRow = async () => null;

test('a list of 50,000 rows in one page is sorted in several iterations of the event loop', async () => {
  const rows = Array.from({ length: 50_000 }, (_, index) => rowOf(sizeOf(index), index));
  const read = async () => ({ rows, next: null });
  const loop = countTurns();
  const portions = await Array.fromAsync(
    walk({ region: regionAt(), read, order, keyOf, keysOf, readRow, breathe: breatheAlone() }, { limit: 10 }),
  );
  expect(loop.stop()).toBeGreaterThan(2);
  expect(portions.flatMap(({ rows }) => rows)).toEqual(sorted(rows));
});

test('a list in one page is handed on in portions of 1,000 rows, and only the last has isLast', async () => {
  const rows = Array.from({ length: 2000 }, (_, index) => rowOf(index, index));
  const read = async () => ({ rows, next: null });
  const list = { region: regionAt(), read, order, keyOf, keysOf, readRow, breathe: () => null };
  const portions = await Array.fromAsync(walk(list, { limit: 10 }), ({ rows, isLast }) => [rows.length, isLast]);
  expect(portions).toEqual([
    [1000, false],
    [1000, true],
  ]);
});
