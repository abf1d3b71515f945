import { deepStrictEqual } from 'node:assert/strict';
import type { Wire } from '../../src/block-storage/decode.ts';
import type { RowScanner, ScannedList } from '../../src/block-storage/scan/scanner.ts';

/* What a scanner reads in a body, beside what `JSON.parse` reads in it. */

/** A wanted member that a row lacks is undefined in both. */
type Values = readonly unknown[];

/** What `JSON.parse` reads; null if it rejects the body. */
function parse(body: Buffer): unknown {
  try {
    return JSON.parse(body.toString());
  } catch {
    return null;
  }
}

function isObject(value: unknown): value is Wire {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** Not by `row[member]`: a member may be called `__proto__`. */
const ownValue = (row: Wire, member: string) => (Object.hasOwn(row, member) ? row[member] : undefined);

const scannedValues = (row: Wire, members: readonly string[]): Values => members.map((member) => row[member]);
const parsedValues = (row: Wire, members: readonly string[]): Values => members.map((member) => ownValue(row, member));

/** Expects the rows and the rest to be those of `JSON.parse`, if the scanner reads the body at all. */
export function expectSameList(
  scanner: RowScanner,
  members: readonly string[],
  body: Buffer,
  list: string,
): ScannedList | null {
  const scanned = scanner.scanList(body, list);
  if (scanned === null) return null;
  const json = parse(body);
  if (!isObject(json)) throw new Error('JSON.parse rejects what the scanner reads');
  const { [list]: rows, ...rest } = json;
  if (!Array.isArray(rows)) throw new Error(`JSON.parse finds no list of ${list}`);
  deepStrictEqual(
    scanned.rows.map((row) => scannedValues(row, members)),
    rows.map((row) => parsedValues(row, members)),
  );
  deepStrictEqual({ ...scanned.rest }, rest);
  deepStrictEqual(spansOf(scanned.spans, body), rows);
  return scanned;
}

/** The bytes of each row in the body. */
function spansOf(spans: readonly number[], body: Buffer): unknown[] {
  const rows: unknown[] = [];
  for (let at = 0; at < spans.length; at += 2) rows.push(JSON.parse(body.toString('utf8', spans[at], spans[at + 1])));
  return rows;
}
