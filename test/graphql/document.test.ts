import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { alice, startStack } from '../support/stack.ts';

/* What is kept of the documents that clients send. */

setFlagsFromString('--expose-gc');
// V8 puts it there once the flag is set.
const collect = runInNewContext('gc') as () => void;

/** Megabytes that are alive. */
function alive(): number {
  collect();
  collect();
  return process.memoryUsage().heapUsed / 1024 / 1024;
}

const document = (index: number) =>
  `{ regions { ${Array.from({ length: 1400 }, (_, field) => `a${field}: name`).join(' ')} } } # ${index}`;
const skipped = (index: number) =>
  `{ __typename regions @skip(if: true) { ${Array.from({ length: 1400 }, (_, field) => `a${field}: name`).join(' ')} } } # ${index}`;
const misspelt = (index: number) => `{ ${'x'.repeat(900_000)} ${index}`;

test.each([
  ['of many large documents', document, 150],
  ['of many large documents of which nearly all is skipped', skipped, 150],
  ['of many large documents with mistakes', misspelt, 150],
])('the memory %s stays bounded', async (_, write, count) => {
  await using stack = await startStack();
  const send = (index: number) =>
    stack.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query: write(index) }),
    });
  await send(-1);
  const before = alive();
  for (let index = 0; index < count; index++) await send(index);
  // Unbounded it would be some 200 MB of trees, and 135 MB of texts.
  expect(alive() - before).toBeLessThan(90);
});

test('the memory of plans stays bounded, however many fields the fragments of short documents make', async () => {
  await using stack = await startStack();
  stack.simulator.store('kr1').addVolume(alice.tenant, {});
  const names = 'id uuid tenantId name description status size availabilityZone bootable encrypted metadata createdAt';
  const lists = Array.from({ length: 60 }, (_, index) => `v${index}: volumes(first: 1) { ...V }`).join(' ');
  const write = (index: number) =>
    `{ region(code: KR1) { ${lists} } } fragment V on VolumeConnection { nodes { ${names} } } # ${index}`;
  await stack.data(write(-1));
  const before = alive();
  for (let index = 0; index < 250; index++) await stack.data(write(index));
  // Unbounded it would be some 200 MB.
  expect(alive() - before).toBeLessThan(90);
});

test('an operation name with a part of a document in it finds no document that was executed before', async () => {
  await using stack = await startStack();
  const ask = async (request: object) => {
    const headers = { 'content-type': 'application/json' };
    const { text } = await stack.fetch('/graphql', { method: 'POST', headers, body: JSON.stringify(request) });
    return text;
  };
  const known = { operationName: 'A', query: 'query A { regions { code } }' };
  expect(await ask(known)).toBe(await ask(known));
  expect(await ask({ operationName: 'A query', query: 'A { regions { code } }' })).toContain('Syntax Error');
});
