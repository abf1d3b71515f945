import { beginsAlike, readBehind, readFirst } from './marker.ts';
import { compareKnown } from './order.ts';
import { maxLimit } from './page.ts';
import { type Position, positionBehind } from './position.ts';
import { sortManyRows } from './sort.ts';
import type { Identified, Walkable } from './walkable.ts';
import { cutShort, readWhole, rowsBehind } from './whole.ts';

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
    const rows = ids.length === 0 ? page.rows : page.rows.filter(({ uuid }) => !ids.includes(uuid));
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
