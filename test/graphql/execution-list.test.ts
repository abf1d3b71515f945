import { setImmediate as nextTurn } from 'node:timers/promises';
import DataLoader from 'dataloader';
import { buildSchema, parse, validateExecutionArgs } from 'graphql';
import { expect, test } from 'vitest';
import { runPlan } from '../../src/execution/run.ts';
import type { AnswerLimits, NextPause } from '../../src/execution/run-state.ts';
import { KeptTexts, keptTexts } from '../../src/kept/texts.ts';
import { breatheAlone, countTurns } from '../support/turns.ts';
import { executePlannedOn, oftenPausing, planOf, unbounded, withoutPauses } from './execution.ts';

/* Lists that are executed by plans: the turns in which they are written, their promises and the room that they take. */

const rowsSchema = buildSchema('type Row { id: Int, next: Row } type Query { rows: [Row] }');

test('a long list is written in several turns of the event loop', async () => {
  const rows = Array.from({ length: 200_000 }, (_, id) => ({ id }));
  const loop = countTurns();
  const args = { document: parse('{ rows { id } }'), rootValue: { rows } };
  const written = await executePlannedOn(rowsSchema, args, breatheAlone());
  expect(loop.stop()).toBeGreaterThan(2);
  expect(JSON.parse(written)).toEqual({ rows });
});

test('values that were waited for are written in several turns of the event loop', async () => {
  const rows = Array.from({ length: 30_000 }, (_, id) => ({ id, next: () => Promise.resolve({ id }) }));
  let pauses = 0;
  const breathe = breatheAlone();
  const pace = () => {
    const pause = breathe(1000);
    if (pause) pauses++;
    return pause;
  };
  await executePlannedOn(rowsSchema, { document: parse('{ rows { next { id } } }'), rootValue: { rows } }, pace);
  expect(pauses).toBeGreaterThan(2);
});

test('however often writing pauses, what a list asks for together is read together', async () => {
  const batches: number[] = [];
  const loader = new DataLoader<number, object>(
    async (ids) => {
      batches.push(ids.length);
      return ids.map((id) => rowOf(id));
    },
    { cache: false },
  );
  const rowOf = (id: number): object => ({ id, next: () => loader.load(id + 1) });
  const rootValue = { rows: Array.from({ length: 100 }, (_, id) => rowOf(id)) };
  await executePlannedOn(rowsSchema, { document: parse('{ rows { next { next { id } } } }'), rootValue }, oftenPausing);
  expect(batches).toEqual([100, 100]);
});

const itemsSchema = buildSchema('type Query { items: [Int!] all: [Int] }');
const failing = () => Promise.reject(new Error('later'));
const pausing: NextPause = () => nextTurn();

// The run itself fails if a rejection is not handled.
test.each<[string, string, () => unknown[], NextPause, unknown]>([
  ['behind an entry that fails at once', 'items', () => [new Error('at once'), failing()], withoutPauses, null],
  ['behind a null that is not allowed', 'items', () => [failing(), null, failing()], withoutPauses, null],
  ['while writing pauses', 'all', () => [1, 2, failing()], pausing, [1, 2, null]],
  ['while writing pauses for good', 'all', () => [1, failing()], () => failing(), null],
])('a promise of a list may fail %s', async (_, field, items, pace, expected) => {
  const args = { document: parse(`{ ${field} }`), rootValue: { [field]: items } };
  const written = JSON.parse(await executePlannedOn(itemsSchema, args, pace));
  await nextTurn();
  expect(written).toEqual({ [field]: expected });
});

/** The number of errors of a list of 50 values that fail; why the answer was ended if it was. */
async function fifty(value: () => unknown, room: Partial<AnswerLimits>, key = 'all'): Promise<number | string[]> {
  const rootValue = { all: () => Array.from({ length: 50 }, value) };
  const args = validateExecutionArgs({ schema: itemsSchema, document: parse(`{ ${key}: all }`), rootValue });
  const root = itemsSchema.getQueryType();
  if (!('schema' in args) || !root) throw new Error('a valid query was expected');
  const { data, errors } = await runPlan(args, planOf(args, root), { ...unbounded, ...room }, withoutPauses);
  return data === undefined ? errors.map(({ message }) => message) : errors.length;
}

test('errors take room in an answer, with their paths', async () => {
  const fails = () => new Error('no');
  expect(await fifty(fails, { characters: 8_000 })).toBe(50);
  expect(await fifty(fails, { characters: 4_000 })).toEqual(['too large']);
  expect(await fifty(fails, { characters: 8_000 }, 'long'.repeat(50))).toEqual(['too large']);
});

test('an answer for which too many values are promised is ended, and the promises may fail', async () => {
  expect(await fifty(failing, { promised: 50 })).toBe(50);
  expect(await fifty(failing, { promised: 49 })).toEqual(['too many']);
  await nextTurn();
});

test('an object that keeps texts is written whole wherever its lists pause, and again each time', async () => {
  const kept = buildSchema('type Query { item: Item } type Item { name: String tags: [String] size: Int }');
  const item = { name: 'a', tags: ['b', 'c', 'd'], size: 1, [keptTexts]: new KeptTexts() };
  const args = { document: parse('{ item { name tags size } }'), rootValue: { item } };
  const written = [];
  for (let time = 0; time < 6; time++) written.push(await executePlannedOn(kept, args, oftenPausing));
  expect(new Set(written)).toEqual(new Set(['{"item":{"name":"a","tags":["b","c","d"],"size":1}}']));
});

test('an object keeps no text of more than 2,048 characters', () => {
  const [short, long] = [Symbol('short'), Symbol('long')];
  const texts = new KeptTexts();
  texts.set(short, { text: 'x'.repeat(2_048), characters: 2_048 });
  texts.set(long, { text: 'x'.repeat(2_049), characters: 2_049 });
  expect([texts.get(short)?.characters, texts.get(long)]).toEqual([2_048, undefined]);
});
