import type { Wire } from '../decode.ts';
import { createExpectedNames, type ExpectedNames } from './expected-names.ts';
import { closeBrace, comma, openBrace, quote, type Source, spaceEnd, stringEnd, valueEnd } from './grammar.ts';
import { type Block, createRowClass, placeSize } from './row-class.ts';

/** Rows that were read, in the order of the answer. */
export interface ReadRows {
  readonly rows: Wire[];
  /** The begin and end offset of each row in the body, in turn. */
  readonly spans: number[];
  /** What the rows hold of the answer. */
  readonly blocks: Block[];
}

export const noRows = (): ReadRows => ({ rows: [], spans: [], blocks: [] });

/** Reads rows of one kind. Its scratch memory has a fixed size and is used for every answer. */
export interface RowReader {
  /**
   * Reads the rows from an offset on, with the commas between them.
   * @param read gets the rows.
   * @returns the offset after the last row; 0 if `JSON.parse` has to read the rows.
   */
  readonly readRows: (source: Source, from: number, read: ReadRows) => number;
}

/** @param members the wanted ones, each once. */
export function createRowReader(members: readonly string[]): RowReader {
  const Row = createRowClass(members);
  const names = createExpectedNames(members);
  const width = placeSize * Math.max(1, members.length);
  /** The places of a block, all 0 between two blocks. */
  const scratch = Array.from({ length: mostPlaces + width }, () => 0);

  /** Reads rows up to the end of the block or of the rows. */
  function readBlock(source: Source, from: number, { rows, spans, blocks }: ReadRows): number {
    let used = 0;
    let end = 0;
    for (let start = from; ; ) {
      // If the places are full before the block is, the rows are smaller than their places.
      const isFull = used + width > scratch.length;
      end = isFull || source.bytes[start] !== openBrace ? 0 : readRow(source, start, scratch, used, names);
      if (!isFull) used += width;
      if (end === 0) break;
      spans.push(start, end);
      start = nextRow(source, end);
      if (start === 0 || end - from >= blockBytes) break;
    }
    if (end > 0) {
      const block: Block = {
        text: source.bytes.toString('latin1', from, end),
        offset: from,
        places: scratch.slice(0, used),
      };
      blocks.push(block);
      for (let index = 0; index < used; index += width) rows.push(new Row(block, index));
    }
    scratch.fill(0, 0, used);
    return end;
  }

  return {
    readRows(source, from, read) {
      for (let start = from; ; ) {
        const end = readBlock(source, start, read);
        if (end === 0) return 0;
        start = nextRow(source, end);
        if (start === 0) return end;
      }
    },
  };
}

/**
 * The approximate size of a block in bytes. A row keeps its block in memory, and a few rows of a long list must not keep the
 * whole list. V8 gives each larger string pages of its own.
 */
const blockBytes = 64 * 1024;

/** The most integers in the places of a block. They take twice the memory of the block's text. */
const mostPlaces = blockBytes / 4;

/** The offset of what follows the comma after a row; 0 if no comma follows. */
function nextRow(source: Source, end: number): number {
  const at = spaceEnd(source, end);
  return source.bytes[at] === comma ? spaceEnd(source, at + 1) : 0;
}

/** Reads one row and writes the places of its members from an index on. Of a name that repeats, the last value counts. */
function readRow(source: Source, from: number, places: number[], index: number, names: ExpectedNames): number {
  const { bytes } = source;
  const first = spaceEnd(source, from + 1);
  if (bytes[first] === closeBrace) return first + 1;
  let at = from;
  for (let previous = names.start; ; ) {
    const prefix = names.next(source, at, previous);
    if (prefix === null) {
      const close = spaceEnd(source, at);
      return bytes[close] === closeBrace ? close + 1 : 0;
    }
    at += prefix.length;
    // White space where there was none before this value of an earlier row.
    if (bytes[at] !== quote) at = spaceEnd(source, at);
    const end = bytes[at] === quote ? stringEnd(source, at) : valueEnd(source, at);
    if (end === 0) return 0;
    if (prefix.position >= 0) {
      places[index + placeSize * prefix.position] = at;
      places[index + placeSize * prefix.position + 1] = end;
    }
    at = Math.abs(end);
    if (bytes[at] === closeBrace) return at + 1;
    previous = prefix;
  }
}
