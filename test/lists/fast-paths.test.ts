import fc from 'fast-check';
import { expect, test } from 'vitest';
import { compareGateways, courses } from './fast-paths.ts';

test('answers with all fast paths equal the answers without, byte for byte', async () => {
  let compared = 0;
  await fc.assert(
    fc.asyncProperty(courses, async (course) => {
      const found = await compareGateways(course);
      compared += found.compared;
      expect(found.difference).toBeNull();
    }),
    // To shrink such a course takes minutes and leaves most of its steps.
    { numRuns: 20, endOnFailure: true },
  );
  expect(compared).toBeGreaterThan(1000);
});
