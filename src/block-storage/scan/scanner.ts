import type { Wire } from '../decode.ts';
import { createExpectedNames, type ExpectedNames } from './expected-names.ts';
import { closeBrace, closeBracket, openBracket, type Source, sourceOf, spaceEnd, valueEnd } from './grammar.ts';
import type { Block } from './row-class.ts';
import { createRowReader, noRows, type ReadRows, type RowReader } from './row-reader.ts';

/*
 * Reads lists without making an object of each row. One pass over the bytes checks all of them as strictly as
 * `JSON.parse` does and notes where the wanted members of each row stand; a member is decoded when it is read. An answer of
 * one object is left to `JSON.parse`, which is faster there.
 *
 * Each function returns null if `JSON.parse` has to read the answer: for invalid JSON, which it rejects; for another shape
 * than expected; for deep nesting; and for rows that are much smaller than the places of their members.
 */

/** Reads answers that hold one kind of row. Made once for each kind, because it learns which names to expect. */
export interface RowScanner {
  /** Scans an answer whose member `list` is a list of objects. */
  readonly scanList: (body: Buffer, list: string) => ScannedList | null;
  /**
   * Scans at least one row of a list, with the commas between rows.
   * @param from the offset of the first row's first byte.
   * @param to the offset after the last row's last byte.
   */
  readonly scanRows: (body: Buffer, from: number, to: number) => ScannedRows | null;
}

/**
 * Rows whose members are decoded each time they are read: a member has the value that `JSON.parse` gives it, and is
 * undefined if the row lacks it. A row answers wanted members only, and copying a row by spreading it copies none of them.
 *
 * A row keeps in memory the text of its block, some 64 KiB of the answer around it, as a copy of the bytes, and so does a
 * text that was read from the row. It does not keep the body. Whoever frees the blocks frees all but the texts that were read.
 */
export interface ScannedRows {
  readonly rows: readonly Wire[];
  /** The begin and end offset of each row in the body, in turn. */
  readonly spans: readonly number[];
  readonly blocks: readonly Block[];
}

export interface ScannedList extends ScannedRows {
  /** The other members of the answer, decoded. It has no prototype. */
  readonly rest: Wire;
}

/** @param members the wanted members of rows. */
export function createRowScanner(members: readonly string[]): RowScanner {
  const reader = createRowReader([...new Set(members)]);
  const names = createExpectedNames([]);
  return {
    scanList: (body, list) => scanList(reader, names, sourceOf(body), list),
    scanRows(body, from, to) {
      const read = noRows();
      return reader.readRows(sourceOf(body.subarray(0, to)), from, read) === to ? read : null;
    },
  };
}

function scanList(reader: RowReader, names: ExpectedNames, source: Source, list: string): ScannedList | null {
  const { bytes } = source;
  const read = noRows();
  // Without a prototype a member can be called `__proto__`.
  const rest: Record<string, unknown> = Object.create(null);
  let hasList = false;
  let at = 0;
  for (let previous = names.start; ; ) {
    const prefix = names.next(source, at, previous);
    if (prefix === null) break;
    const valueAt = spaceEnd(source, at + prefix.length);
    const isList = prefix.name === list;
    if (isList && hasList) return null;
    hasList ||= isList;
    at = isList ? readList(reader, source, valueAt, read) : Math.abs(valueEnd(source, valueAt));
    if (at === 0) return null;
    if (!isList) rest[prefix.name] = JSON.parse(bytes.toString('utf8', valueAt, at));
    previous = prefix;
  }
  return hasList && endsWithBrace(source, at) ? { ...read, rest } : null;
}

/** Reads a list of rows, which may be empty. Returns the offset after its bracket, or 0. */
function readList(reader: RowReader, source: Source, from: number, read: ReadRows): number {
  const { bytes } = source;
  if (bytes[from] !== openBracket) return 0;
  const first = spaceEnd(source, from + 1);
  if (bytes[first] === closeBracket) return first + 1;
  const end = reader.readRows(source, first, read);
  const close = end === 0 ? 0 : spaceEnd(source, end);
  return bytes[close] === closeBracket ? close + 1 : 0;
}

/** Whether an object ends at an offset, and nothing follows it. */
function endsWithBrace(source: Source, from: number): boolean {
  const close = spaceEnd(source, from);
  return source.bytes[close] === closeBrace && spaceEnd(source, close + 1) === source.bytes.length;
}
