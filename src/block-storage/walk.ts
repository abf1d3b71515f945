import { BlockStorageError } from './error.ts';
import { compareKeys, compareKnown, type KeyValue, type Order, type Position, rememberedIds } from './order.ts';
import { maxLimit, type Page, type PageQuery } from './page.ts';

/** A list of one region in an order, as it can be read. */
export interface Walkable<Row> {
  readonly region: string;
  readonly read: (query: PageQuery) => Promise<Page<Row>>;
  readonly order: Order;
  readonly keysOf: (row: Row) => readonly KeyValue[];
}

interface Identified {
  readonly uuid: string;
}

/** Rows that were read together. */
export interface Portion<Row> {
  readonly rows: readonly Row[];
  /** Nothing follows. */
  readonly isLast: boolean;
}

/** Where a walk begins and in which steps it goes. */
export interface Steps {
  /** Rows to ask for at once; a server may give fewer (FACTS 17). */
  readonly limit: number;
  /** Goes on behind this position. */
  readonly after?: Position | null;
  /** Leaves out so many rows; only without `after`. */
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
  const filter = volumeId === undefined ? {} : { volumeId };
  const query = { ...filter, sort: list.order, limit };
  let position = after;
  let first: string | undefined;
  let page = after
    ? await readBehind(list, query, after.ids)
    : await honoured(list.read({ ...query, ...(offset === null ? {} : { offset }) }));
  while (page && page !== 'gone' && agrees(list, page.rows, limit, position, first)) {
    const ids: readonly string[] = position?.ids ?? [];
    const rows = page.rows.filter(({ uuid }) => !ids.includes(uuid));
    first ??= rows[0]?.uuid;
    position = positionBehind(list, position, rows);
    yield { rows, isLast: page.next === null };
    if (page.next === null) return;
    page = await readBehind(list, query, [page.next, ...(position?.ids ?? [])]);
  }
  if (page === 'gone') yield* walkBehindKeys(list, position, volumeId);
  else yield { rows: behind(list, await readWhole(list, filter), position, offset ?? 0), isLast: true };
}

/** The position behind rows that were read one after the other from a position. */
export function positionBehind<Row extends Identified>(
  { keysOf }: Pick<Walkable<Row>, 'keysOf'>,
  from: Position | null,
  rows: readonly Row[],
): Position | null {
  const last = rows.at(-1);
  if (!last) return from;
  const newest = rows.slice(-rememberedIds).map(({ uuid }) => uuid);
  return { ids: [...newest.reverse(), ...(from?.ids ?? [])].slice(0, rememberedIds), keys: keysOf(last) };
}

/** The rows of a whole list behind a position. */
export function behind<Row extends Identified>(
  { order, keysOf }: Pick<Walkable<Row>, 'order' | 'keysOf'>,
  rows: readonly Row[],
  position: Position | null,
  offset = 0,
): readonly Row[] {
  const sorted = rows.toSorted((a, b) => compareKeys(order, keysOf(a), keysOf(b)));
  if (!position) return sorted.slice(offset);
  const at = sorted.findIndex(({ uuid }) => uuid === position.ids[0]);
  if (at >= 0) return sorted.slice(at + 1);
  return sorted.filter((row) => compareKeys(order, keysOf(row), position.keys) > 0);
}

/** Whether rows look as asked for: not too many, sorted, and none from before the position. */
function agrees<Row extends Identified>(
  { order, keysOf }: Walkable<Row>,
  rows: readonly Row[],
  limit: number,
  position: Position | null,
  first: string | undefined,
): boolean {
  if (rows.length > limit || rows.some(({ uuid }) => uuid === first)) return false;
  const keys = rows.map(keysOf);
  const isSorted = keys.every(
    (own, index) => index === 0 || (compareKnown(order, keys[index - 1] ?? [], own) ?? 0) <= 0,
  );
  if (!position || rows.length === 0) return isSorted;
  const passed = rows.filter(({ uuid }) => position.ids.includes(uuid)).length;
  const isBehind = keys.every((own) => (compareKnown(order, own, position.keys) ?? 0) >= 0);
  // One passed row alone may be one whose keys have changed meanwhile.
  return isSorted && isBehind && passed < 2 && passed < rows.length;
}

/** The page behind the first of these rows that still exists (FACTS 20); `gone` when none does. */
async function readBehind<Row>(
  { read }: Walkable<Row>,
  query: PageQuery,
  markers: readonly string[],
): Promise<Page<Row> | null | 'gone'> {
  for (const marker of new Set(markers)) {
    try {
      return await honoured(read({ ...query, marker }));
    } catch (error) {
      if (!(error instanceof BlockStorageError) || error.code !== 'NOT_FOUND') throw error;
    }
  }
  return 'gone';
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

/** From the start, without what is known to lie before the position. */
async function* walkBehindKeys<Row extends Identified>(
  list: Walkable<Row>,
  position: Position | null,
  volumeId: string | undefined,
): AsyncGenerator<Portion<Row>, void> {
  for await (const { rows, isLast } of walk(list, { limit: maxLimit, volumeId })) {
    const isBehind = (row: Row) => (compareKnown(list.order, list.keysOf(row), position?.keys ?? []) ?? 1) > 0;
    yield { rows: rows.filter(isBehind), isLast };
  }
}

/**
 * Reads a whole list without sort or limit, as short pages as the server makes them.
 * @throws a coded error where the list is cut and cannot be continued.
 */
export async function readWhole<Row extends Identified>(
  { read, region }: Pick<Walkable<Row>, 'read' | 'region'>,
  filter: PageQuery,
): Promise<Row[]> {
  const rows = new Map<string, Row>();
  let marker: string | null = null;
  do {
    const page: Page<Row> = await read({ ...filter, ...(marker === null ? {} : { marker }) });
    if (marker !== null && page.rows.some(({ uuid }) => rows.has(uuid))) throw cutShort(region);
    for (const row of page.rows) rows.set(row.uuid, row);
    // Without a link a list of just the maximum may have been cut.
    marker = page.next ?? (page.rows.length === maxLimit ? (page.rows.at(-1)?.uuid ?? null) : null);
  } while (marker !== null);
  return [...rows.values()];
}

function cutShort(region: string): BlockStorageError {
  const message = `Region ${region} cuts its list and does not go on behind a marker, so the list cannot be read to its end.`;
  return new BlockStorageError('UPSTREAM_ERROR', message, { region });
}
