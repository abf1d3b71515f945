import { BlockStorageError } from '../block-storage/error.ts';
import { maxLimit, type Page, type PageQuery, repeatsItself } from '../block-storage/page.ts';
import type { Position } from './cursor.ts';
import { compareKeys, type KeyValue, type Order } from './order.ts';

/** Part of a list, and whether more follows. */
export interface Rows<Row> {
  readonly rows: readonly Row[];
  readonly hasNextPage: boolean;
}

interface Identified {
  readonly uuid: string;
}

/** What part of a list is wanted. */
export interface Wanted {
  /** At most so many rows, 0 to 1000. */
  readonly first: number;
  /** Goes on behind this position. */
  readonly after: Position | null;
  /** Leaves out so many rows; only without `after`. */
  readonly offset: number | null;
}

/**
 * Reads the wanted rows of one region's list, in its own order. One row more than wanted is asked for, since a next
 * link alone does not tell whether more follows (FACTS 18); a page cut short by the server is read on (FACTS 17).
 */
export async function readRows<Row extends Identified>(
  read: (query: PageQuery) => Promise<Page<Row>>,
  order: Order,
  { first, after, offset }: Wanted,
  region: string,
): Promise<Rows<Row>> {
  const wanted = Math.min(first + 1, maxLimit);
  const rows = new Map<string, Row>();
  const begin = { sort: order, limit: wanted, ...(offset === null ? {} : { offset }) };
  let marker = after?.ids[0] ?? null;
  let page = after ? await readBehind(read, begin, after) : await read(begin);
  let pagesWithoutNews = 0;
  for (;;) {
    const count = rows.size;
    // A row whose keys have changed meanwhile may come twice; the marker itself only where it is not honoured.
    if (page.rows.some(({ uuid }) => uuid === marker)) throw repeatsItself(region);
    for (const row of page.rows) rows.set(row.uuid, row);
    pagesWithoutNews = rows.size > count ? 0 : pagesWithoutNews + 1;
    if (rows.size >= wanted || page.next === null) break;
    if (pagesWithoutNews > 1) throw repeatsItself(region);
    marker = page.next;
    page = await read({ sort: order, limit: wanted - rows.size, marker });
  }
  return { rows: [...rows.values()].slice(0, first), hasNextPage: rows.size > first || page.next !== null };
}

/** Takes the wanted rows of a list that is here as a whole. */
export function sliceRows<Row extends Identified>(
  list: readonly Row[],
  order: Order,
  keysOf: (row: Row) => readonly KeyValue[],
  { first, after }: Wanted,
): Rows<Row> {
  const sorted = list.toSorted((a, b) => compareKeys(order, keysOf(a), keysOf(b)));
  const behind = after ? sorted.filter((row) => compareKeys(order, keysOf(row), after.keys) > 0) : sorted;
  return { rows: behind.slice(0, first), hasNextPage: behind.length > first };
}

/** Of a marker that was deleted since the upstream knows nothing (FACTS 20): the row before it will do as well. */
async function readBehind<Row>(
  read: (query: PageQuery) => Promise<Page<Row>>,
  query: PageQuery,
  { ids }: Position,
): Promise<Page<Row>> {
  const [marker, ...others] = ids;
  if (marker === undefined) return read(query);
  try {
    return await read({ ...query, marker });
  } catch (error) {
    const isGone = error instanceof BlockStorageError && error.code === 'NOT_FOUND';
    if (!isGone || others.length === 0) throw error;
    return readBehind(read, query, { ids: others, keys: [] });
  }
}
