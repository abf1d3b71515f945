import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { freeBlock } from '../../src/block-storage/scan/row-class.ts';
import { createRowScanner } from '../../src/block-storage/scan/scanner.ts';
import { expectSameList } from './scan.ts';

/* A scanner reads what `JSON.parse` reads in an answer, or leaves the answer to `JSON.parse`. */

const volume = {
  id: '17975e9d-1533-40db-bd02-2072cd2ccb7f',
  name: '데이터베이스 볼륨',
  description: 'a "quoted" \\ line\nand ディスク 😀',
  size: 50,
  metadata: { 이름: '값', plain: 'text' },
  attachments: [{ server_id: null, device: '/dev/vdb' }],
  bootable: false,
  created_at: '2018-12-18T05:43:12.000000',
};
const members = Object.keys(volume);
const scanner = createRowScanner(members);
const bytesOf = (value: unknown, space?: string | number) => Buffer.from(JSON.stringify(value, null, space));

test('a row has the members of the answer, and the rest of the answer is decoded', () => {
  const body = bytesOf({ volumes: [volume, { id: '2' }], volumes_links: [{ rel: 'next' }] });
  const scanned = scanner.scanList(body, 'volumes');
  expect(scanned?.rows.map((row) => row.name)).toEqual(['데이터베이스 볼륨', undefined]);
  expect(scanned?.rows[0]?.metadata).toEqual(volume.metadata);
  expect(scanned?.rest.volumes_links).toEqual([{ rel: 'next' }]);
  expect(scanned?.spans.length).toBe(4);
});

test('rows between two offsets of a list are scanned alone', () => {
  const [first, second, third] = [volume, { id: '2' }, { id: '3', name: '끝' }].map((row) => JSON.stringify(row));
  const body = Buffer.from(`{"volumes":[${first}, ${second} ,\n${third}]}`);
  const spans = scanner.scanList(body, 'volumes')?.spans ?? [];
  const scanned = scanner.scanRows(body, spans[2] ?? 0, spans[5] ?? 0);
  expect(scanned?.rows.map(({ id, name }) => ({ id, name }))).toEqual([
    { id: '2', name: undefined },
    { id: '3', name: '끝' },
  ]);
  expect(scanned?.spans).toEqual(spans.slice(2));
  // Neither a part of a row nor a comma too many is a list of rows.
  for (const to of [(spans[5] ?? 0) - 1, (spans[3] ?? 0) + 2, (spans[5] ?? 0) + 1])
    expect(scanner.scanRows(body, spans[2] ?? 0, to)).toBeNull();
});

test('a row cannot be read once its block is freed, but what was read of it stays', () => {
  const scanned = scanner.scanList(bytesOf({ volumes: [volume] }), 'volumes');
  const [row] = scanned?.rows ?? [];
  const name = row?.name;
  for (const block of scanned?.blocks ?? []) freeBlock(block);
  expect(() => row?.name).toThrow('after its request is over');
  expect(name).toBe('데이터베이스 볼륨');
});

test('rows stay as they are when the scanner reads another answer and the bytes are overwritten', () => {
  const body = bytesOf({ volumes: Array.from({ length: 500 }, (_, size) => ({ ...volume, size })) });
  const scanned = scanner.scanList(body, 'volumes');
  body.fill(0x20);
  scanner.scanList(bytesOf({ volumes: Array(500).fill({ ...volume, id: 'another' }) }), 'volumes');
  expect(scanned?.rows.map(({ id, size }) => ({ id, size }))).toEqual(
    Array.from({ length: 500 }, (_, size) => ({ id: volume.id, size })),
  );
});

describe('the examples of the guide', () => {
  const fixtures = new URL('../fixtures/', import.meta.url);
  const answers = readdirSync(fixtures).filter((file) => file.endsWith('.json') && !file.includes('request'));

  test.each(answers)('%s is scanned, one object as a list of it', (file) => {
    const example = readFileSync(new URL(file, fixtures));
    const json: Record<string, unknown> = JSON.parse(example.toString());
    const [name = '', value] = Object.entries(json)[0] ?? [];
    const first: object = Array.isArray(value) ? value[0] : value;
    const wanted = Object.keys(first);
    const own = createRowScanner(wanted);
    const body = Array.isArray(value) ? example : bytesOf({ [name]: [value] });
    expect(expectSameList(own, wanted, body, name)).not.toBeNull();
  });
});

const text = fc.oneof(fc.string({ unit: 'binary' }), fc.string(), fc.constantFrom('한국어', '日本語', '\ud800', '"\\'));
const value = fc.oneof(
  text,
  fc.jsonValue({ maxDepth: 3, stringUnit: 'binary' }),
  fc.constantFrom(-0, 1e300, 123456789, 1234567890, 5e-324),
);
const name = fc.oneof(
  fc.constantFrom(...members, '__proto__', 'constructor', 'at', 'text', 'toString', '0', '', 'name\u0000', '이름'),
  fc.string({ maxLength: 20 }),
);
const row = fc.dictionary(name, value, { maxKeys: 12 });
const answer = fc.record(
  { volumes: fc.array(row, { maxLength: 8 }), volumes_links: value, ['__proto__']: value, name: value },
  { requiredKeys: ['volumes'] },
);
const spacing = fc.constantFrom(0, 1, '\t', '\r\n ');
const wanted = fc.uniqueArray(name, { maxLength: 12 });

/** JSON with all characters of its strings, and of its names, written as escapes. */
function escaped(json: string): string {
  const escapes = (text: string) =>
    Array.from({ length: text.length }, (_, at) => `\\u${text.charCodeAt(at).toString(16).padStart(4, '0')}`).join('');
  return json.replaceAll(/"(?:[^"\\]|\\.)*"/g, (literal) => `"${escapes(JSON.parse(literal))}"`);
}

test('an answer of the expected shape is scanned, and has the values of JSON.parse', () =>
  fc.assert(
    fc.property(answer, spacing, wanted, fc.boolean(), (json, space, wanted, isEscaped) => {
      const plain = JSON.stringify(json, null, space).replaceAll(/(?<=": ?)0(?=[,}\s])/g, '-0');
      const body = Buffer.from(isEscaped ? escaped(plain) : plain);
      // Two answers, so that the second one is read with what was learnt from the first.
      const own = createRowScanner(wanted);
      expect(expectSameList(own, wanted, body, 'volumes')).not.toBeNull();
      expect(expectSameList(own, wanted, body, 'volumes')).not.toBeNull();
    }),
    { numRuns: 1000 },
  ));

test('any JSON has the values of JSON.parse or is left to it, whatever the scanner has read before', () =>
  fc.assert(
    fc.property(fc.json({ maxDepth: 4, stringUnit: 'binary' }), (json) => {
      for (const text of [json, `{"volumes":${json}}`, `{"volumes":[${json}]}`, `{"volumes":[],"rest":${json}}`]) {
        expectSameList(scanner, members, Buffer.from(text), 'volumes');
      }
    }),
    { numRuns: 1000 },
  ));

test('any bytes in a string have the text of Buffer.toString', () =>
  fc.assert(
    fc.property(fc.uint8Array({ maxLength: 12 }), (bytes) => {
      const parts = [
        '{"volumes":[{"name":"',
        bytes,
        '","metadata":{"k":"',
        bytes,
        '"},"id":"1"}],"',
        bytes,
        '":"',
        bytes,
        '"}',
      ];
      expectSameList(scanner, members, Buffer.concat(parts.map((part) => Buffer.from(part as string))), 'volumes');
    }),
    { numRuns: 2000 },
  ));
