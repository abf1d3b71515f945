import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { expect, test } from 'vitest';
import { parseLarge } from '../../src/block-storage/large-json.ts';
import { startCanned } from '../support/canned.ts';
import { startGateway } from '../support/stack.ts';

/* Large answers are parsed in groups of rows, and mean what `JSON.parse` reads in them. */

/** What a parser makes of bytes; that it rejects them is all the same, whatever it says. */
async function outcomeOf(parse: () => unknown): Promise<unknown> {
  try {
    return { value: await parse() };
  } catch (error) {
    expect(error).toBeInstanceOf(SyntaxError);
    return 'rejected';
  }
}

async function expectEqual(body: Buffer): Promise<void> {
  // Groups of one row at most, so that little text has many.
  const large = await outcomeOf(() => parseLarge(body, () => setImmediate(), 1));
  expect(large).toEqual(await outcomeOf(() => JSON.parse(body.toString())));
}

test('any JSON is the same value', () =>
  fc.assert(
    fc.asyncProperty(fc.json({ maxDepth: 5 }), (text) => expectEqual(Buffer.from(text))),
    { numRuns: 500 },
  ));

const list = fc.array(fc.jsonValue({ maxDepth: 3 }), { maxLength: 8 });
const answer = fc.record(
  { volumes: list, volumes_links: list, ['__proto__']: list, name: fc.jsonValue() },
  { requiredKeys: [] },
);

test('an answer with lists is the same value, with any white space', () =>
  fc.assert(
    fc.asyncProperty(answer, fc.constantFrom(0, 1, '\t', '\n'), (value, space) =>
      expectEqual(Buffer.from(JSON.stringify(value, null, space))),
    ),
    { numRuns: 500 },
  ));

const sample = Buffer.from(
  JSON.stringify({
    volumes: [{ id: 1, name: 'a "quoted" \\ name ]', links: [{ rel: '{' }], size: -1.5e3 }, { id: 2, ü: '한' }, []],
    volumes_links: [{ rel: 'next', href: 'http://x' }],
    more: { volumes: [[1, [2]], null, true] },
  }),
);

test('every truncation of an answer is rejected', async () => {
  for (let length = 0; length < sample.length; length++) await expectEqual(sample.subarray(0, length));
});

test.each(['"', '\\', '[', ']', '{', '}', ',', ':', '0', ' ', 'x', '\u0000'])(
  'an answer with a %j at any place is read or rejected as JSON.parse does',
  async (text) => {
    for (let at = 0; at < sample.length; at++) {
      const replaced = Buffer.from(sample);
      replaced.write(text, at, 'latin1');
      await expectEqual(replaced);
      await expectEqual(Buffer.concat([sample.subarray(0, at), Buffer.from(text), sample.subarray(at)]));
    }
  },
);

test.each([
  '{"a":[1,]}',
  '{"a":[,1]}',
  '{"a":[1,,2]}',
  '{"a":[1 2]}',
  '{"a":[1],"a":[2,3]}',
  '[[1],[2]]',
  '"text"',
  '',
])('%s is read or rejected as JSON.parse does', (text) => expectEqual(Buffer.from(text)));

test('a page of many megabytes is decoded like a small one', async () => {
  const metadata = { text: 'x'.repeat(9_000) };
  const volumes = Array.from({ length: 500 }, (_, index) => ({
    id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
    name: `volume ${index}`,
    created_at: `2024-01-01T00:00:00.${999_999 - index}`,
    metadata,
  }));
  await using region = await startCanned(() => ({ body: { volumes } }));
  await using gateway = await startGateway({ kr1: region.endpoint });
  const data = await gateway.data('{ volumes(first: 500) { nodes { name metadata } } }');
  expect(data.volumes.nodes).toEqual(volumes.map(({ name }) => ({ name, metadata })));
}, 30_000);
