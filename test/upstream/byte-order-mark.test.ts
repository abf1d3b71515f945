import { expect, test } from 'vitest';
import { largeBytes } from '../../src/block-storage/large-json.ts';
import { startCanned } from '../support/canned.ts';
import { startGateway } from '../support/stack.ts';

/* A byte order mark before the JSON of a region, as .NET and PowerShell write it, is read as if it was not there. */

const uuid = '17975e9d-1533-40db-bd02-2072cd2ccb7f';
const list = '{ region(code: KR1) { result: volumes { nodes { name } } } }';
const one = `{ result: volume(id: "${uuid}", region: KR1) { name } }`;
const create = 'mutation { result: createVolume(input: { region: KR1, size: 1 }) { volume { name } } }';

/** A list of one volume whose text has that many bytes at least. */
const volumes = (bytes: number) => ({ volumes: [{ id: uuid, name: 'one', description: 'x'.repeat(bytes) }] });
const volume = { volume: { id: uuid, name: 'one' } };
const quota = {
  overLimit: { code: 413, message: 'VolumeLimitExceeded: Maximum number of volumes allowed (2) exceeded.' },
};

async function ask(query: string, status: number, body: unknown) {
  const headers = { 'content-type': 'application/json' };
  await using region = await startCanned(() => ({ status, headers, body: `\ufeff${JSON.stringify(body)}` }));
  await using gateway = await startGateway({ kr1: region.endpoint });
  return await gateway.query(query);
}

test.each([
  ['a small list', list, 200, volumes(0), { region: { result: { nodes: [{ name: 'one' }] } } }],
  [
    'a list that is parsed in steps',
    list,
    200,
    volumes(largeBytes),
    { region: { result: { nodes: [{ name: 'one' }] } } },
  ],
  ['one volume', one, 200, volume, { result: { name: 'one' } }],
  ['a volume that was created', create, 202, volume, { result: { volume: { name: 'one' } } }],
])('%s is read', async (_, query, status, body, data) => {
  expect(await ask(query, status, body)).toEqual({ data });
});

test('a refusal is understood', async () => {
  const { errors } = await ask(create, 413, quota);
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['QUOTA_EXCEEDED']);
});
