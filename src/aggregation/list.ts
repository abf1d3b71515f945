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
  const rows: Row[] = [];
  const seen = new Set(after?.ids);
  const begin = { sort: order, limit: wanted, ...(offset === null ? {} : { offset }) };
  let page = after ? await readBehind(read, begin, after) : await read(begin);
  for (;;) {
    for (const row of page.rows) {
      // A row that came before shows that the marker is not honoured.
      if (seen.has(row.uuid)) throw repeatsItself(region);
      seen.add(row.uuid);
      rows.push(row);
    }
    if (rows.length >= wanted || page.next === null) break;
    page = await read({ sort: order, limit: wanted - rows.length, marker: page.next });
  }
  return { rows: rows.slice(0, first), hasNextPage: rows.length > first || page.next !== null };
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
