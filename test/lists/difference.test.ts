import fc from 'fast-check';
import { expect, test } from 'vitest';
import { differenceOf } from '../../src/block-storage/difference.ts';

/* Where two bodies differ. */

const bytes = fc.uint8Array({ maxLength: 40, max: 3 }).map((bytes) => Buffer.from(bytes));

test('what lies outside of the difference is the same in both bodies', () => {
  fc.assert(
    fc.property(bytes, bytes, (before, now) => {
      const difference = differenceOf(before, now);
      if (!difference) expect(now).toEqual(before);
      const { from, to } = difference ?? { from: before.length, to: before.length };
      const rest = before.length - to;
      expect(now.subarray(0, from)).toEqual(before.subarray(0, from));
      expect(now.subarray(now.length - rest)).toEqual(before.subarray(to));
      // The two parts do not overlap in either body.
      expect(from).toBeLessThanOrEqual(Math.min(to, now.length - rest));
    }),
    { numRuns: 1000 },
  );
});

test('the difference ends where the bodies begin to differ, from both ends', () => {
  fc.assert(
    fc.property(bytes, bytes, bytes, fc.tuple(fc.nat(255), fc.nat(255)), (start, middle, end, [a, b]) => {
      fc.pre(a !== b);
      const before = Buffer.concat([start, Buffer.from([a]), middle, Buffer.from([a]), end]);
      const now = Buffer.concat([start, Buffer.from([b]), middle, Buffer.from([b]), end]);
      expect(differenceOf(before, now)).toEqual({ from: start.length, to: before.length - end.length });
    }),
  );
});
