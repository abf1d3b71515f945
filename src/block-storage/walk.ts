import type { Region } from '../regions.ts';
import type { Breathe } from './client.ts';
import { BlockStorageError } from './error.ts';
import {
  compareKeys,
  compareKnown,
  isFixed,
  type KeyValue,
  markOf,
  type Order,
  type Position,
  rememberedIds,
} from './order.ts';
import { maxLimit, type Page, type PageQuery } from './page.ts';
import { sortManyRows, sortRows } from './sort.ts';

/** A list of one region in an order, as it can be read. */
export interface Walkable<Row> {
  readonly region: Region;
  readonly read: (query: PageQuery) => Promise<Page<Row>>;
  readonly order: Order;
  readonly keysOf: (row: Row) => readonly KeyValue[];
  readonly breathe: Breathe;
  /** One row of it by its id; null where two reads have found none. */
  readonly readRow: (uuid: string) => Promise<Row | null>;
  /** The same list with all that it can be sorted by, where this one shows less. */
  readonly detailed?: Walkable<Row>;
}

interface Identified {
  readonly uuid: string;
}

type Query = PageQuery & { readonly limit: number };

/** Rows that were read together. */
export interface Portion<Row> {
  readonly rows: readonly Row[];
  /** Nothing follows. */
  readonly isLast: boolean;
  /** Whether the list was read completely and sorted by the gateway. */
  readonly isWhole: boolean;
}

/** Where a walk begins and in which steps it goes. */
export interface Steps {
  /** Rows to ask for at once; a server may give fewer (FACTS 17). */
  readonly limit: number;
  /** Goes on behind this position. */
  readonly after?: Position | null;
  /** Skips this number of rows; only without `after`. */
  readonly offset?: number | null;
  /** Only snapshots of this volume, where the upstream honours it (FACTS 23): the rows are to be checked. */
  readonly volumeId?: string | undefined;
}

/**
 * Reads a list in its order, page after page. Rows come in the region's own order; one whose keys change meanwhile may
 * come twice or not at all.
 *
 * The guide promises sort, limit and marker for volumes only, and old releases lack them (FACTS, "Read in older
 * sources"). Where an answer shows that they are not honoured the whole list is read without them, and sorted here.
 * @throws a coded error where even that cannot be read to its end; never a part of a list as if it were all.
 */
export async function* walk<Row extends Identified>(
  list: Walkable<Row>,
  { limit, after = null, offset = null, volumeId }: Steps,
): AsyncGenerator<Portion<Row>, void> {
  const query = { ...(volumeId === undefined ? {} : { volumeId }), sort: list.order, limit };
  let position = after;
  let behindMarker: string | null = null;
  let page = after?.isWhole ? null : await readFirst(list, query, after, offset);
  while (page) {
    if (page === 'gone') return yield* walkBehindKeys(list, position, volumeId);
    const ids: readonly string[] = position?.ids ?? [];
    const rows = page.rows.filter(({ uuid }) => !ids.includes(uuid));
    position = positionBehind(list, position, rows);
    // A next link to the same page would loop for ever.
    const next: string | null = page.next === behindMarker ? null : page.next;
    behindMarker = next;
    yield { rows, isLast: next === null, isWhole: false };
    if (next === null) return;
    page = await readBehind(list, query, position, next);
  }
  const full = list.detailed ?? list;
  const whole = await sortManyRows(full, await readWhole(full, {}));
  if (position && !position.isWhole && !(await beginsAlike(full, query, whole))) throw cutShort(list.region);
  const rows = position ? rowsBehind(full, whole, position) : whole.slice(offset ?? 0);
  // In portions of one page each, because processing a portion takes time.
  for (let at = 0; at === 0 || at < rows.length; at += maxLimit) {
    const pause = list.breathe(Math.min(maxLimit, rows.length));
    if (pause) await pause;
    yield { rows: rows.slice(at, at + maxLimit), isLast: at + maxLimit >= rows.length, isWhole: true };
  }
}

/**
 * The position behind rows that were read one after the other from a position.
 * @param count of the rows; all of them by default.
 * @param remembered the most ids that it remembers.
 */
export function positionBehind<Row extends Identified>(
  { order, keysOf, offset }: Pick<Walkable<Row>, 'order' | 'keysOf'> & Pick<Steps, 'offset'>,
  from: Position | null,
  rows: readonly Row[],
  count = rows.length,
  remembered = rememberedIds,
): Position | null {
  const last = rows[count - 1];
  if (!last) return from && shortened(from, remembered);
  const newest = rows.slice(Math.max(0, count - remembered), count).toReversed();
  const isFromBeginning = from === null ? !offset : from.isFromBeginning;
  const marks = newest.map((row) => markOf(order, keysOf(row)));
  return shortened(
    {
      ids: [...newest.map(({ uuid }) => uuid), ...(from?.ids ?? [])],
      marks: [...marks, ...(from?.marks ?? [])],
      isFromBeginning: isFromBeginning && count === newest.length,
      keys: keysOf(last),
    },
    remembered,
  );
}

/** A position that remembers fewer ids. */
function shortened(position: Position, remembered: number): Position {
  const { ids, marks, isFromBeginning } = position;
  if (ids.length <= remembered) return position;
  return {
    ...position,
    ids: ids.slice(0, remembered),
    marks: marks.slice(0, remembered),
    isFromBeginning: isFromBeginning && ids.length <= remembered,
  };
}

/** The rows of a whole list behind a position, sorted. */
export function behind<Row extends Identified>(
  list: Pick<Walkable<Row>, 'order' | 'keysOf'>,
  rows: readonly Row[],
  position: Position | null,
): readonly Row[] {
  const sorted = sortRows(list, rows);
  return position ? rowsBehind(list, sorted, position) : sorted;
}

function rowsBehind<Row extends Identified>(
  { order, keysOf }: Pick<Walkable<Row>, 'order' | 'keysOf'>,
  sorted: readonly Row[],
  position: Position,
): readonly Row[] {
  // The last row may have moved since, so the keys that it had decide, if they are known.
  if (position.keys.length === order.length && !position.keys.includes(undefined)) {
    let [from, to] = [0, sorted.length];
    while (from < to) {
      const middle = (from + to) >> 1;
      const row = sorted[middle];
      if (row && compareKeys(order, keysOf(row), position.keys) > 0) to = middle;
      else from = middle + 1;
    }
    return sorted.slice(from);
  }
  const at = Math.max(...position.ids.map((id) => sorted.findIndex(({ uuid }) => uuid === id)));
  return sorted.slice(at + 1);
}

/** A page of a list; `gone` when none of the rows that it should begin behind exists; null when the list does not page. */
type Read<Row> = Promise<Page<Row> | 'gone' | null>;

async function readFirst<Row extends Identified>(
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
async function readBehind<Row extends Identified>(
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
async function beginsAlike<Row extends Identified>(
  list: Walkable<Row>,
  query: Query,
  sorted: readonly Row[],
): Promise<boolean> {
  const beginning = await honoured(list.read(query));
  return beginning?.rows.every(({ uuid }, index) => uuid === sorted[index]?.uuid) ?? false;
}

function isSorted<Row>({ order, keysOf }: Walkable<Row>, rows: readonly Row[]): boolean {
  const keys = rows.map(keysOf);
  return keys.every((own, index) => index === 0 || (compareKnown(order, keys[index - 1] ?? [], own) ?? 0) <= 0);
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

/** From the start, without what is known to lie before the position or was read just before it. */
async function* walkBehindKeys<Row extends Identified>(
  list: Walkable<Row>,
  position: Position | null,
  volumeId: string | undefined,
): AsyncGenerator<Portion<Row>, void> {
  const { ids = [], keys = [] } = position ?? {};
  for await (const { rows, isLast, isWhole } of walk(list, { limit: maxLimit, volumeId })) {
    const isBehind = (row: Row) =>
      !ids.includes(row.uuid) && (compareKnown(list.order, list.keysOf(row), keys) ?? 1) > 0;
    yield { rows: rows.filter(isBehind), isLast, isWhole };
  }
}

/**
 * Reads a whole list without sort or limit, as short pages as the server makes them.
 * @throws a coded error where the list is cut and cannot be continued.
 */
export async function readWhole<Row extends Identified>(
  { read, region, breathe }: Pick<Walkable<Row>, 'read' | 'region' | 'breathe'>,
  filter: PageQuery,
): Promise<Row[]> {
  const rows = new Map<string, Row>();
  let marker: string | null = null;
  do {
    const page: Page<Row> = await read({ ...filter, ...(marker === null ? {} : { marker }) });
    if (marker !== null && page.rows.some(({ uuid }) => rows.has(uuid))) throw cutShort(region);
    for (const [index, row] of page.rows.entries()) {
      const pause = index > 0 && index % maxLimit === 0 ? breathe(maxLimit) : null;
      if (pause) await pause;
      rows.set(row.uuid, row);
    }
    // Without a link a list of just the maximum may have been cut.
    marker = page.next ?? (page.rows.length === maxLimit ? (page.rows.at(-1)?.uuid ?? null) : null);
  } while (marker !== null);
  return [...rows.values()];
}

function cutShort(region: Region): BlockStorageError {
  const message = `Region ${region.enumName} cuts its list and does not go on behind a marker, so the list cannot be read to its end.`;
  return new BlockStorageError('UPSTREAM_ERROR', message, { region });
}
