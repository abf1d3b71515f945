import fc from 'fast-check';
import { Registry, Histogram as TheirHistogram } from 'prom-client';
import { expect, test } from 'vitest';
import { createHistogram } from '../../src/telemetry/histogram.ts';

const options = { name: 'some_seconds', help: 'Some help.', labelNames: ['region', 'status'], buckets: [0.1, 1, 10] };
const labels = fc.record({
  region: fc.constantFrom('kr1', 'kr2', 'a "quoted" one'),
  status: fc.constantFrom(200, 404, 'none'),
});
const observed = fc.array(fc.tuple(labels, fc.oneof(fc.double({ noNaN: true, min: -20, max: 20 }), fc.constant(1))));

test('a histogram reads like one of prom-client, whatever was observed', async () => {
  await fc.assert(
    fc.asyncProperty(observed, labels, async (values, first) => {
      const [ourRegistry, theirRegistry] = [new Registry(), new Registry()];
      const ours = createHistogram(ourRegistry, options);
      const theirs = new TheirHistogram({ ...options, registers: [theirRegistry] });
      for (const histogram of [ours, theirs]) {
        histogram.zero(first);
        for (const [labels, value] of values) histogram.observe(labels, value);
      }
      expect(await ourRegistry.metrics()).toBe(await theirRegistry.metrics());
    }),
  );
});
