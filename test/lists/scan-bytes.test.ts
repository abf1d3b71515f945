import { expect, test } from 'vitest';
import { createRowScanner } from '../../src/block-storage/scan/scanner.ts';
import { sampleAnswer, sampleMembers } from '../support/sample-answer.ts';
import { expectSameList } from './scan.ts';

/* A scanner reads what `JSON.parse` reads in answers that are cut off, damaged or hostile, or leaves them to it. */

const scanner = createRowScanner(sampleMembers);
const body = sampleAnswer;

function expectSame(body: Buffer): void {
  expectSameList(scanner, sampleMembers, body, 'volumes');
}

test('the sample is scanned', () => {
  expect(expectSameList(scanner, sampleMembers, body, 'volumes')?.rows.length).toBeGreaterThan(3);
});

test('every truncation of an answer is left to JSON.parse, whatever bytes follow', () => {
  const end = body.lastIndexOf('}') + 1;
  for (let length = 0; length < end; length++) {
    expect(scanner.scanList(body.subarray(0, length), 'volumes')).toBeNull();
    expect(scanner.scanRows(body, body.indexOf('{', 1), length)).toEqual(
      scanner.scanRows(Buffer.from(body.subarray(0, length)), body.indexOf('{', 1), length),
    );
  }
});

test('an answer with any byte at some places has the values of JSON.parse or is left to it', () => {
  for (let at = 0; at < body.length; at += 29) {
    for (let byte = 0; byte < 256; byte++) {
      const damaged = Buffer.from(body);
      damaged[at] = byte;
      expectSame(damaged);
    }
  }
});

test('an answer with one byte of the grammar at any place has the values of JSON.parse or is left to it', () => {
  for (let at = 0; at < body.length; at++) {
    for (const byte of Buffer.from('"\\{,0\u0001').subarray(at % 3, (at % 3) + 2)) {
      const damaged = Buffer.from(body);
      damaged[at] = byte;
      expectSame(damaged);
    }
  }
});

const row = '{"name":"a"}';

test.each([
  ['\ufeff{"volumes":[]}', null],
  ['{"volumes":[]}x', null],
  ['{"volumes":[]}\u0000', null],
  ['{"volumes":[],}', null],
  ['{"volumes":[{},]}', null],
  ['{"volumes":[1]}', null],
  ['{"volumes":[null]}', null],
  ['{"volumes":null}', null],
  ['{}', null],
  ['[]', null],
  ['', null],
  [`{"volumes":[${row}],"volumes":[]}`, null],
  [`{"volumes":[{"name":01}]}`, null],
  [`{"volumes":[{"name":.5}]}`, null],
  [`{"volumes":[{"name":"\\x"}]}`, null],
  [`{"volumes":[{"name":"\\u12g4"}]}`, null],
  [`{"volumes":[{"name":"\t"}]}`, null],
  [' \t\r\n{ \t"volumes" : [ ] \r}\n ', []],
  ['{"volumes":[{"name":-0},{"name":1e400},{"name":-1.5E-2}]}', [-0, Infinity, -0.015]],
  ['{"volumes":[{"name":"\\ud800"},{"name":"\\u0000"},{"name":"\u007f"}]}', ['\ud800', '\u0000', '\u007f']],
  [`{"volumes":[{"name":1,"name":"한"},${row}, { } ]}`, ['한', 'a', undefined]],
  ['{"volumes":[{"n\\u0061me":"a"}],"__proto__":{"name":"b"}}', ['a']],
  [`{"volumes":[{"name":${'['.repeat(30)}${']'.repeat(30)}}]}`, undefined],
  [`{"volumes":[{"name":${'['.repeat(100_000)}${']'.repeat(100_000)}}]}`, null],
  [`{"volumes":[{"name":${'{"a":'.repeat(100_000)}`, null],
])('%.60s', (text, names) => {
  const scanned = expectSameList(scanner, sampleMembers, Buffer.from(text), 'volumes');
  if (names !== undefined) expect(scanned?.rows.map(({ name }) => name) ?? null).toStrictEqual(names);
  // What it was does not change how the next answer is read.
  expect(scanner.scanList(body, 'volumes')).not.toBeNull();
});

test('a member called __proto__ is a member and not a prototype', () => {
  const body = Buffer.from('{"volumes":[{"__proto__":{"name":"a"}}],"__proto__":{"name":"a"}}');
  const member = '__proto__';
  const scanned = createRowScanner([member, 'name']).scanList(body, 'volumes');
  expect(scanned?.rows[0]?.name).toBeUndefined();
  expect(scanned?.rows[0]?.[member]).toEqual({ name: 'a' });
  expect(scanned?.rest.name).toBeUndefined();
  expect(Object.getPrototypeOf(scanned?.rest)).toBeNull();
});

test('rows that are much smaller than the places of their members are left to JSON.parse', () => {
  expect(scanner.scanList(Buffer.from(`{"volumes":[${'{},'.repeat(100_000)}{}]}`), 'volumes')).toBeNull();
});

test('rows with ever new names, and with ever larger values, are scanned', () => {
  const volumes = Array.from({ length: 200 }, (_, index) => ({
    ...Object.fromEntries(Array.from({ length: 70 }, (_, member) => [`${index} ${member}`, member])),
    [`${'long'.repeat(40)}${index}`]: '한'.repeat(index * 20),
    name: String(index),
  }));
  const scanned = expectSameList(scanner, sampleMembers, Buffer.from(JSON.stringify({ volumes })), 'volumes');
  expect(scanned?.rows.length).toBe(200);
});
