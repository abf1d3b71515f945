import { expect, test } from 'vitest';
import type { Portion } from '../src/block-storage/walk.ts';
import { readByIds } from '../src/loaders/batch.ts';

interface Row {
  readonly uuid: string;
}

const row = (index: number): Row => ({ uuid: `row ${index}` });

test('rows that a list has brought are found, though their pages have been forgotten by its end', async () => {
  async function* readList(): AsyncGenerator<Portion<Row>, void> {
    for (let page = 0; page < 5; page++) {
      const rows = Array.from({ length: 100 }, (_, index) => row(page * 100 + index));
      yield { rows, isLast: page === 4, isWhole: false };
    }
  }
  const asked = Array.from({ length: 500 }, (_, index) => `row ${index}`);
  const singly: string[] = [];
  const readOne = async (uuid: string) => {
    singly.push(uuid);
    return { uuid };
  };
  const found = await readByIds<Row>(async () => new Map(), readList, readOne, 'kr1')(asked);
  expect(found).toEqual(asked.map((uuid) => ({ uuid })));
  // The list is read on until few rows are left.
  expect(singly).toEqual(asked.slice(400));
});
