import fc from 'fast-check';
import { expect, test } from 'vitest';
import {
  CursorError,
  decodeCursor,
  encodeCursor,
  type ListIdentity,
  type Progress,
} from '../../src/aggregation/cursor.ts';
import { isFixed, type KeyValue, type Order, totalOrder } from '../../src/block-storage/order.ts';
import { markOf, rememberedIds } from '../../src/block-storage/position.ts';

/* Cursors as bytes: what is written is read again, and what was altered is refused. */

const order: fc.Arbitrary<Order> = fc
  .uniqueArray(fc.constantFrom('name', 'created_at', 'size', 'status', 'availability_zone'), {
    minLength: 1,
    maxLength: 3,
  })
  .map((keys) => totalOrder(keys.map((key) => ({ key, direction: 'asc' }))));

const time = fc
  .tuple(
    fc.date({ min: new Date(0), max: new Date('9999-12-31T23:59:59Z'), noInvalidDate: true }),
    fc.nat({ max: 999 }),
  )
  .map(([date, more]) => date.toISOString().replace('Z', `${String(more).padStart(3, '0')}Z`));

const keyValue: fc.Arbitrary<KeyValue> = fc.oneof(
  fc.constant(null),
  fc.integer(),
  time,
  fc.string({ unit: 'binary', maxLength: 300 }),
  // Nearly times, and half of a surrogate pair.
  fc.constantFrom(
    '',
    '2024-02-30T00:00:00.000000Z',
    '2024-01-01T24:00:00.000000Z',
    '1969-12-31T23:59:59.000000Z',
    'a\ud83d',
  ),
);

const list = (order: Order, regions: number): ListIdentity => ({
  kind: 'volumes',
  regions: Array.from({ length: regions }, (_, index) => `kr${index}`),
  tenants: Array(regions).fill('tenant'),
  order,
  filter: null,
});

const progressOf = (order: Order): fc.Arbitrary<Progress> =>
  fc.oneof(
    fc.constant(null),
    fc.constant('done' as const),
    fc
      .record({
        ids: fc.array(fc.uuid(), { minLength: 1, maxLength: rememberedIds }),
        values: fc.array(keyValue, { minLength: order.length, maxLength: order.length }),
        isWhole: fc.boolean(),
        isFromBeginning: fc.boolean(),
        areKeysKnown: fc.boolean(),
        isIdKnown: fc.boolean(),
        isLikeOthers: fc.boolean(),
      })
      .map(({ ids, values: own, isWhole, isFromBeginning, areKeysKnown, isIdKnown, isLikeOthers }) => {
        const values = isLikeOthers ? order.map(() => 'same') : own;
        const keys = areKeysKnown ? [...values.slice(0, -1), isIdKnown ? ids[0] : undefined] : [];
        const marks = ids.map((id) => markOf(order, [...values.slice(0, -1), id]));
        return { ids, marks, keys, isFromBeginning, ...(isWhole ? { isWhole } : {}) };
      }),
  );

const written = order.chain((order) =>
  fc.array(progressOf(order), { minLength: 1, maxLength: 5 }).map((progress) => ({ order, progress })),
);

test('what is written is read again', () =>
  fc.assert(
    fc.property(written, ({ order, progress }) => {
      const identity = list(order, progress.length);
      expect(decodeCursor(identity, encodeCursor(identity, progress))).toEqual(progress);
    }),
    { numRuns: 500 },
  ));

test('a cursor that was altered, or is of another list, is refused', () =>
  fc.assert(
    fc.property(written, fc.nat(), fc.integer({ min: 1, max: 255 }), ({ order, progress }, place, change) => {
      const identity = list(order, progress.length);
      const cursor = encodeCursor(identity, progress);
      const bytes = Buffer.from(cursor, 'base64url');
      const at = place % bytes.length;
      bytes[at] = (bytes[at] ?? 0) ^ change;
      const refused = (identity: ListIdentity, cursor: string) =>
        expect(() => decodeCursor(identity, cursor)).toThrow(CursorError);
      refused(identity, bytes.toString('base64url'));
      refused(identity, bytes.subarray(0, at).toString('base64url'));
      refused(identity, `${cursor}AAAA`);
      refused({ ...identity, filter: { name: 'other' } }, cursor);
    }),
  ));

test('a row’s own cursor has 44 characters for one region and 90 for three, newest first', () => {
  const order = totalOrder([{ key: 'created_at', direction: 'desc' }]);
  expect(isFixed(order)).toBe(true);
  const id = '17975e9d-1533-40db-bd02-2072cd2ccb7f';
  const position = { ids: [id], marks: ['00000000'], isFromBeginning: false };
  const own = { ...position, keys: ['2026-11-24T15:57:52.401048Z', id] };
  const other = { ...position, keys: ['2026-11-24T15:57:52.401048Z', undefined] };
  expect(encodeCursor(list(order, 1), [own])).toHaveLength(44);
  expect(encodeCursor(list(order, 3), [other, own, other])).toHaveLength(90);
});
