import { expect, test } from 'vitest';
import { createClient } from '../../src/block-storage/client.ts';
import type { Portion } from '../../src/block-storage/walk.ts';
import { readByIds } from '../../src/loaders/batch.ts';
import type { Caller, UpstreamAnswer } from '../../src/upstream/send.ts';
import { regionAt } from '../support/region.ts';

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
  const found = await readByIds<Row>(async () => new Map(), readList, readOne, regionAt())(asked);
  expect(found).toEqual(asked.map((uuid) => ({ uuid })));
  // The list is read on until few rows are left.
  expect(singly).toEqual(asked.slice(400));
});

test('rows that are here are given though the list fails, and the rest fails as it did without further calls', async () => {
  async function* readList(): AsyncGenerator<Portion<Row>, void> {
    yield { rows: [row(1)], isLast: false, isWhole: false };
    throw new Error('the list failed');
  }
  const here = new Map([[row(0).uuid, row(0)]]);
  const readOne = () => Promise.reject(new Error('a call too many'));
  const asked = Array.from({ length: 200 }, (_, index) => row(index).uuid);
  const found = await readByIds<Row>(async () => here, readList, readOne, regionAt())(asked);
  expect(found.slice(0, 2)).toEqual([row(0), row(1)]);
  expect(found.slice(2)).toEqual(Array(198).fill(new Error('the list failed')));
});

test('a write whose answer the gateway has no time to read may have been carried out', async () => {
  const json = JSON.stringify({ volume: { id: 'x', name: 'n'.repeat(100_000) } });
  const answer: UpstreamAnswer = {
    status: 202,
    contentType: 'application/json',
    requestId: null,
    retryAfter: null,
    chunks: [Buffer.from(json)],
    held: null,
    free() {},
    retireConnection() {},
  };
  const turns = { take: async () => false, goOn: () => null };
  // What else a caller has is not asked.
  const caller = { identity: () => ({}), turns, owner: '', noteUnrepeatable() {} } as unknown as Caller;
  const client = createClient(async () => answer, caller, regionAt());
  await expect(client.send('POST', '/volumes', {})).rejects.toMatchObject({ code: 'OVERLOADED', outcomeUnknown: true });
  await expect(client.read('/volumes', { ofBody: String, ofJson: String })).rejects.toMatchObject({
    code: 'OVERLOADED',
    outcomeUnknown: false,
  });
});
