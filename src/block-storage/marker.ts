import { BlockStorageError } from './error.ts';
import { compareKnown, compareKnownRows, isFixed } from './order.ts';
import { maxLimit, type Page, type PageQuery } from './page.ts';
import { markOf, type Position } from './position.ts';
import type { Identified, Walkable } from './walkable.ts';

/* Pages that are read behind a position, with one of the rows that it remembers as the marker. */

type Query = PageQuery & { readonly limit: number };

/** A page of a list; `gone` when none of the rows that it should begin behind exists; null when the list does not page. */
type Read<Row> = Promise<Page<Row> | 'gone' | null>;

/** The page behind a position, or the first page of the list. */
export async function readFirst<Row extends Identified>(
  list: Walkable<Row>,
  query: Query,
  after: Position | null,
  offset: number | null,
): Read<Row> {
  if (after) return isFixed(list.order) ? readBehind(list, query, after) : readBehindUnchanged(list, query, after);
  const page = await honoured(list.read({ ...query, ...(offset === null ? {} : { offset }) }));
  // Check the time even if the page was already in memory: several readers may process it at once.
  const pause = page && list.breathe(page.rows.length);
  if (pause) await pause;
  return page && page.rows.length <= query.limit && isSorted(list, page.rows) ? page : null;
}

/**
 * Reads the page after the newest remembered row that has not moved. If a row's sort keys changed, using it as marker would
 * skip rows. So the row before it is the marker, and the page must start with the expected row.
 */
async function readBehindUnchanged<Row extends Identified>(
  list: Walkable<Row>,
  query: Query,
  position: Position,
): Read<Row> {
  const { ids, marks, isFromBeginning } = position;
  for (let back = 1; back <= ids.length; back++) {
    const marker = ids[back];
    // The oldest remembered row has no marker before it, unless it is the first row of the list, which needs none.
    if (marker === undefined && !isFromBeginning) break;
    const limit = Math.min(query.limit + back, maxLimit);
    try {
      const page = await honoured(list.read({ ...query, limit, ...(marker === undefined ? {} : { marker }) }));
      if (!page || page.rows.length > limit) return null;
      const pause = list.breathe(page.rows.length);
      if (pause) await pause;
      const at = page.rows.findLastIndex(
        (row) => marks[ids.indexOf(row.uuid)] === markOf(list.order, list.keysOf(row)),
      );
      // New rows may push the expected row to the end of this page. Then continue with the next page.
      if (at >= 0 && at === page.rows.length - 1 && page.next !== null)
        return await readBehind(list, query, position, page.next);
      if (at >= 0) return { rows: page.rows.slice(at + 1), next: page.next };
    } catch (error) {
      if (!(error instanceof BlockStorageError) || error.code !== 'NOT_FOUND') throw error;
    }
  }
  return isFromBeginning ? 'gone' : readBehindRead(list, query, position);
}

/** The page behind the newest remembered row that has not moved, which is seen by reading the rows themselves. */
async function readBehindRead<Row extends Identified>(
  list: Walkable<Row>,
  query: Query,
  position: Position,
): Read<Row> {
  const { ids, marks } = position;
  const rows = await Promise.all(ids.map((id) => list.readRow(id)));
  const at = rows.findIndex((row, index) => row && marks[index] === markOf(list.order, list.keysOf(row)));
  if (at < 0) return 'gone';
  return readBehind(list, query, { ...position, ids: ids.slice(at), marks: marks.slice(at) });
}

/**
 * The page behind a marker, or behind the first row before it that is found (FACTS 20). A marker that is not found need not
 * be gone: a replica that lags may not know it yet. So rows that were read before may be read once more.
 */
export async function readBehind<Row extends Identified>(
  list: Walkable<Row>,
  query: Query,
  position: Position | null,
  next?: string,
): Read<Row> {
  const ids: readonly string[] = position?.ids ?? [];
  for (const marker of new Set([...(next === undefined ? [] : [next]), ...ids])) {
    const readBefore = Math.max(0, ids.indexOf(marker));
    const asked = { ...query, limit: Math.min(query.limit + readBefore, maxLimit) };
    try {
      const page = await honoured(list.read({ ...asked, marker }));
      const pause = page && list.breathe(page.rows.length);
      if (pause) await pause;
      if (page && position && (await ignoresMarker(list, asked, position, page))) return null;
      // A server that gives few rows at once may give only such as were read before.
      const isStuck = readBefore > 0 && page?.next != null && page.rows.every(({ uuid }) => ids.includes(uuid));
      if (!isStuck) return page;
    } catch (error) {
      if (!(error instanceof BlockStorageError) || error.code !== 'NOT_FOUND') throw error;
    }
  }
  return 'gone';
}

/** Whether a page that should begin behind a position begins where the list does. */
async function ignoresMarker<Row extends Identified>(
  list: Walkable<Row>,
  query: Query,
  { ids, keys }: Position,
  { rows }: Page<Row>,
): Promise<boolean> {
  const isSuspicious =
    rows.length > query.limit ||
    rows.some(({ uuid }) => ids.includes(uuid)) ||
    rows.some((row) => (compareKnown(list.order, list.keysOf(row), keys) ?? 0) < 0);
  if (!isSuspicious) return false;
  // It may also be a row whose keys have changed meanwhile, or a list that is sorted in another way.
  const beginning = await list.read(query);
  return beginning.rows[0]?.uuid === rows[0]?.uuid;
}

/**
 * Whether a list that was read page by page so far is in the order that it has when it is sorted here: only then can it
 * be gone on with there.
 * @param sorted all of its rows.
 */
export async function beginsAlike<Row extends Identified>(
  list: Walkable<Row>,
  query: Query,
  sorted: readonly Row[],
): Promise<boolean> {
  const beginning = await honoured(list.read(query));
  return beginning?.rows.every(({ uuid }, index) => uuid === sorted[index]?.uuid) ?? false;
}

function isSorted<Row>({ order, keyOf }: Walkable<Row>, rows: readonly Row[]): boolean {
  for (let index = 1; index < rows.length; index++) {
    // Both indexes are within the list.
    const [before, row] = [rows[index - 1] as Row, rows[index] as Row];
    if ((compareKnownRows(order, keyOf, before, row) ?? 0) > 0) return false;
  }
  return true;
}

/** A page; null when its query is refused. */
async function honoured<Row>(page: Promise<Page<Row>>): Promise<Page<Row> | null> {
  try {
    return await page;
  } catch (error) {
    if (error instanceof BlockStorageError && error.code === 'BAD_USER_INPUT') return null;
    throw error;
  }
}
