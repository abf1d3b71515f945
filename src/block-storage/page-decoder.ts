import type { Client } from './client.ts';
import { isObject, type Wire } from './decode.ts';
import type { Decoder } from './decoded-answer.ts';
import { differenceOf } from './difference.ts';
import type { KeptPage, KeptPages } from './kept-pages.ts';
import type { Resource } from './resource.ts';
import type { Row, RowSource } from './row.ts';
import { type Block, freeBlock } from './scan/row-class.ts';

/** The content of an answer that holds a page of a list. */
export interface PageContent {
  /** The list: reused rows of a kept page, and decoded JSON for all other rows. Null if the answer has no list. */
  readonly values: readonly unknown[] | null;
  /** The other members of the answer. */
  readonly rest: Wire;
  /** The source of the rows that are made of the values. */
  readonly source: RowSource;
  /** Keeps the page, to be called with the rows of all values. Null if the page is not kept. */
  readonly keep: ((rows: readonly Row[]) => void) | null;
}

/**
 * Decodes pages of a list: with the rows of the page that was kept, or by a scan, or with `JSON.parse`.
 * @param target path and query of the page.
 */
export function pageDecoder<Own extends Row>(
  client: Client,
  resource: Resource<Own>,
  target: string,
): Decoder<PageContent> {
  const list = `${resource.member}s`;
  const { kept } = client;

  function ofJson(json: unknown): PageContent {
    const rest = isObject(json) ? json : {};
    const values = rest[list];
    return { values: Array.isArray(values) ? values : null, rest, source: client, keep: null };
  }

  function ofBody(body: Buffer): PageContent {
    return (kept && scanBody(body, kept)) ?? ofJson(JSON.parse(body.toString()));
  }

  /** Null if `JSON.parse` has to read it. */
  function scanBody(body: Buffer, { pages, owner }: NonNullable<Client['kept']>): PageContent | null {
    const key = `${client.region.code} ${client.tenant()} ${target}`;
    const page = pages.find(key);
    if (page) {
      const again = readAgain(body, page, { client, resource, pages, owner, key });
      if (again) {
        pages.noteHit(key);
        return again;
      }
    }
    const isDue = pages.noteMiss(key, page);
    if (!isDue && body.length <= parsedBytes) return null;
    const scanned = resource.scanner.scanList(body, list);
    if (!scanned) return null;
    const { rows: values, spans, blocks, rest } = scanned;
    if (!isDue) {
      freeAtEnd(client, blocks);
      return { values, rest, source: client, keep: null };
    }
    const copy = copyOf(body);
    return {
      values,
      rest,
      source: pages.sourceOf(client.region),
      keep: (rows) => pages.keep(key, owner, { body: copy, spans, rows, rest }),
    };
  }

  return { ofBody, ofJson };
}

/**
 * In bytes. `JSON.parse` reads a body up to this size if its page is not kept. Its objects are garbage before they get old. For
 * 100 rows of which most members are read it is a fifth faster than a scan, for 1,000 rows of which few are read a fifth slower.
 */
const parsedBytes = 256 * 1024;

/** Frees blocks when the request is over. They are held weakly, because a request may let pages go before that. */
function freeAtEnd({ onEnd }: Client, blocks: readonly Block[]): void {
  const held = blocks.map((block) => new WeakRef(block));
  onEnd(() => {
    for (const block of held) freeBlock(block.deref());
  });
}

interface Reading {
  readonly client: Client;
  readonly resource: Resource<Row>;
  readonly pages: KeptPages;
  readonly owner: string;
  readonly key: string;
}

/** A page that is kept, with the rows decoded that have changed. Null if more has changed than some of the rows. */
function readAgain(body: Buffer, page: KeptPage, { client, resource, pages, owner, key }: Reading): PageContent | null {
  const source = pages.sourceOf(client.region);
  const { rows: before, spans, rest } = page;
  const difference = differenceOf(page.body, body);
  if (!difference) return { values: before, rest, source, keep: null };
  const changed = changedRows(spans, difference);
  // With most rows changed there is nothing to gain.
  if (!changed || 2 * (changed.end - changed.first) > before.length) return null;
  const { first, end, from, to } = changed;
  const shift = body.length - page.body.length;
  const scanned = to + shift > from ? resource.scanner.scanRows(body, from, to + shift) : null;
  if (!scanned) return null;
  const bytes = copyOf(body.subarray(from, to + shift));
  const values: readonly unknown[] = before;
  return {
    values: values.toSpliced(first, end - first, ...scanned.rows),
    rest,
    source,
    keep(rows) {
      // Another request may have replaced the page meanwhile.
      if (pages.find(key) !== page) return;
      const moved = moveSpans(spans, changed, scanned.spans, shift);
      pages.keep(key, owner, { body: replaceBytes(page.body, changed, bytes), spans: moved, rows, rest });
    },
  };
}

/** Rows of a page, by their indexes and by the offsets at which the first begins and the last ends. */
interface RowRange {
  readonly first: number;
  readonly end: number;
  readonly from: number;
  readonly to: number;
}

/** The rows in which the difference lies; null if a part of it lies outside of rows. */
function changedRows(
  spans: readonly number[],
  difference: { readonly from: number; readonly to: number },
): RowRange | null {
  const first = countSpans(spans, (_begin, end) => end <= difference.from);
  const end = countSpans(spans, (begin) => begin < difference.to);
  const from = spans[2 * first];
  const to = spans[2 * end - 1];
  if (from === undefined || to === undefined || end <= first || difference.from < from || difference.to > to)
    return null;
  return { first, end, from, to };
}

/** The number of spans for which `isBefore` holds: all others follow. */
function countSpans(spans: readonly number[], isBefore: (begin: number, end: number) => boolean): number {
  let [least, most] = [0, spans.length / 2];
  while (least < most) {
    const middle = (least + most) >> 1;
    // Both indexes are within the list.
    if (isBefore(spans[2 * middle] as number, spans[2 * middle + 1] as number)) least = middle + 1;
    else most = middle;
  }
  return least;
}

function moveSpans(
  spans: readonly number[],
  { first, end }: RowRange,
  scanned: readonly number[],
  shift: number,
): readonly number[] {
  const moved = spans.toSpliced(2 * first, 2 * (end - first), ...scanned);
  // The index is within the list.
  if (shift !== 0)
    for (let at = 2 * first + scanned.length; at < moved.length; at++) moved[at] = (moved[at] as number) + shift;
  return moved;
}

/** The body with other bytes between two offsets. Nothing else refers to the body, so it is changed itself if its length stays. */
function replaceBytes(body: Buffer, { from, to }: RowRange, bytes: Buffer): Buffer {
  if (bytes.length !== to - from) return Buffer.concat([body.subarray(0, from), bytes, body.subarray(to)]);
  body.set(bytes, from);
  return body;
}

/** A copy that shares its memory with nothing else. */
function copyOf(bytes: Buffer): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes.length);
  copy.set(bytes);
  return copy;
}
