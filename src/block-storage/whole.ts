import type { Region } from '../regions.ts';
import { BlockStorageError } from './error.ts';
import { compareKeys } from './order.ts';
import { maxLimit, type Page, type PageQuery } from './page.ts';
import type { Position } from './position.ts';
import { sortRows } from './sort.ts';
import type { Identified, Walkable } from './walkable.ts';

/* Lists that are read completely and sorted by the gateway, because the upstream does not sort or page them. */

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

/** The rows of a whole list behind a position, sorted. */
export function behind<Row extends Identified>(
  list: Pick<Walkable<Row>, 'order' | 'keysOf'>,
  rows: readonly Row[],
  position: Position | null,
): readonly Row[] {
  const sorted = sortRows(list, rows);
  return position ? rowsBehind(list, sorted, position) : sorted;
}

/** The rows behind a position, of sorted rows. */
export function rowsBehind<Row extends Identified>(
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

/** The error for a list that is cut and cannot be continued. */
export function cutShort(region: Region): BlockStorageError {
  const message = `Region ${region.enumName} cuts its list and does not go on behind a marker, so the list cannot be read to its end.`;
  return new BlockStorageError('UPSTREAM_ERROR', message, { region });
}
