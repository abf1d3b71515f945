import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { type BodyMemory, takeBodyMemory } from '../../src/upstream/body-memory.ts';

const step = fc.oneof(
  fc.record({ kind: fc.constant('take' as const), length: fc.integer({ min: 1, max: 5 * 1024 * 1024 }) }),
  fc.record({ kind: fc.constant('free' as const), index: fc.nat({ max: 9 }) }),
);

describe('the memory of bodies', () => {
  test('is never that of two bodies at once, however often and in whatever order it is given back', () => {
    fc.assert(
      fc.property(fc.array(step, { maxLength: 30 }), (steps) => {
        const all: { readonly memory: BodyMemory; isFree: boolean }[] = [];
        for (const { kind, ...what } of steps) {
          if (kind === 'take' && 'length' in what) {
            const memory = takeBodyMemory(what.length);
            if (!memory) throw new Error('the system has memory for it');
            expect(memory.bytes).toHaveLength(what.length);
            memory.bytes.fill(all.length + 1);
            all.push({ memory, isFree: false });
          } else if ('index' in what) {
            const taken = all[what.index];
            taken?.memory.free();
            if (taken) taken.isFree = true;
          }
          for (const [index, { memory, isFree }] of all.entries()) {
            if (isFree) continue;
            expect([memory.bytes.at(0), memory.bytes.at(-1)]).toEqual([index + 1, index + 1]);
          }
        }
      }),
      { numRuns: 50 },
    );
  });

  test('is used again for a body of about the same length', () => {
    const first = takeBodyMemory(1_200_000);
    first?.free();
    expect(takeBodyMemory(1_190_000)?.bytes.buffer).toBe(first?.bytes.buffer);
  });

  test('of one size is dropped when idle memory of another size needs the room', () => {
    const many = Array.from({ length: 6 }, () => takeBodyMemory(3_500_000));
    for (const memory of many) memory?.free();
    const other = takeBodyMemory(700_000);
    other?.free();
    expect(takeBodyMemory(700_000)?.bytes.buffer).toBe(other?.bytes.buffer);
  });

  test('goes back to the system at once if it is large', () => {
    const memory = takeBodyMemory(8 * 1024 * 1024);
    memory?.free();
    expect(memory?.bytes.buffer.byteLength).toBe(0);
  });
});
