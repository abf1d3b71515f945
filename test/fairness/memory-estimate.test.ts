import assert from 'node:assert/strict';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { buildSchema, GraphQLError, type GraphQLObjectType, parse, validateExecutionArgs } from 'graphql';
import { expect, test } from 'vitest';
import { createPlanner } from '../../src/execution/plan.ts';
import { runPlan } from '../../src/execution/run.ts';
import { decodedBytes } from '../../src/upstream/decoded-bytes.ts';

/* The estimates of what a decoded body and the text of an answer take, compared with the heap of V8. */

test('the text of an answer takes little more memory than its characters, however small its pieces were', async () => {
  const schema = buildSchema('type Query { rows: [Row!]! } type Row { size: Int }');
  const rows = Array.from({ length: 100_000 }, (_, size) => ({ size }));
  const args = validateExecutionArgs({ schema, document: parse('{ rows { size } }'), rootValue: { rows } });
  assert.ok('schema' in args);
  const plan = createPlanner({ hasLeafWriters: true })(args, schema.getQueryType() as GraphQLObjectType);
  let taken = 0;
  const characters = 600_000;
  let pausedAt = 0;
  // The text is joined after `pace` has returned, so measure one microtask later.
  const measure = async () => {
    await Promise.resolve();
    taken ||= heap() - before;
  };
  const pace = (written: number) => {
    if (written - pausedAt < characters) return null;
    pausedAt = written;
    return measure();
  };
  const before = heap();
  const tooLarge = () => new GraphQLError('');
  const room = { characters: 2 * characters, promised: 0, tooLarge, tooManyPromised: tooLarge };
  await runPlan(args, plan, room, pace);
  expect(taken).toBeGreaterThan(0.9 * characters);
  expect(taken).toBeLessThan(2.5 * characters);
});

test.each<[string, unknown]>([
  ['rows with long texts', { text: 'x'.repeat(30_000) }],
  ['rows of a few short values', { a: 'short', b: 'values', c: 1, d: [], e: { f: null } }],
  ['rows of nothing but brackets', { metadata: Array.from({ length: 100 }, () => ({})) }],
  [
    'rows of much metadata',
    { metadata: Object.fromEntries(Array.from({ length: 128 }, (_, key) => [`k${key}`, 'v'])) },
  ],
  ['rows of nothing but numbers', { metadata: Array.from({ length: 100 }, () => 7) }],
  // Cinder's texts have 255 characters at most.
  ['texts with a character beyond Latin-1', { metadata: Array.from({ length: 9 }, () => `${'x'.repeat(254)}가`) }],
])('the estimate for %s is not too low', (_, row) => {
  const body = JSON.stringify({ volumes: Array.from({ length: 2_000_000 / JSON.stringify(row).length }, () => row) });
  expect(decodedBytes([Buffer.from(body)])).toBeGreaterThan(heapOf(() => JSON.parse(body)) * 0.95);
});

test('the estimate for rows with distinct keys is not too low', () => {
  const metadataOf = (row: number) =>
    Object.fromEntries(Array.from({ length: 20 }, (_, key) => [`key ${key} of ${row}`, `value ${key} of ${row}`]));
  const body = JSON.stringify({ volumes: Array.from({ length: 3000 }, (_, row) => ({ metadata: metadataOf(row) })) });
  expect(decodedBytes([Buffer.from(body)])).toBeGreaterThan(heapOf(() => JSON.parse(body)) * 0.95);
});

test('the estimate for rows with long texts is little more than their bytes', () => {
  const body = Buffer.from(
    JSON.stringify({ volumes: Array.from({ length: 100 }, () => ({ text: 'x'.repeat(30_000) })) }),
  );
  expect(decodedBytes([body])).toBeLessThan(1.2 * body.length);
});

setFlagsFromString('--expose-gc');
// V8 puts it there once the flag is set.
const collect = runInNewContext('gc') as () => void;

/** Bytes on the heap that are alive. */
function heap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** Bytes on the heap that a value takes. */
function heapOf(make: () => unknown): number {
  const before = heap();
  const kept = [make()];
  const taken = heap() - before;
  // V8 may free what nothing refers to any more.
  expect(kept).toHaveLength(1);
  return taken;
}
