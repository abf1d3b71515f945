import { isOwnShortage } from '../block-storage/error.ts';
import { isComparable, type Order } from '../block-storage/order.ts';
import { rememberedIds } from '../block-storage/position.ts';
import type { Identified } from '../block-storage/walkable.ts';
import { behind } from '../block-storage/whole.ts';
import type { Region } from '../regions.ts';
import type { Progress } from './cursor.ts';
import {
  findHead,
  isDone,
  isHeadless,
  type Lane,
  nextLane,
  openLane,
  positionAt,
  progressOf,
  type Search,
  skipOthers,
} from './lane.ts';
import type { Sorted, Source } from './source.ts';

/** What part of a merged list is wanted. */
export interface Wanted<Row> extends Search<Row> {
  /** At most so many rows. */
  readonly first: number;
  /** Leaves out so many rows of the merged list before them; none if missing. */
  readonly skip?: number;
  /** The progress of each source, in their order. */
  readonly progress: readonly Progress[];
  /** By which the rows of different regions are compared; equal ones stand in the order of the sources. */
  readonly order: Order;
  /** Reads on behind a full page where only that tells whether more follows; else a next link is taken at its word. */
  readonly exact: boolean;
}

/** A region that contributed nothing, and why. */
export interface Failure {
  readonly region: Region;
  readonly error: unknown;
}

/** Part of a merged list. */
export interface Merged<Row> {
  readonly rows: readonly Row[];
  /** Whether all rows to leave out were left out, or the regions that answer have no more. */
  readonly hasSkipped: boolean;
  readonly hasNextPage: boolean;
  readonly failures: readonly Failure[];
  /** The progress of each source behind the row at an index. It remembers one id a source, because each row has one. */
  readonly progressBehind: (index: number) => Progress[];
  /** The progress behind this page; also of an empty one. */
  readonly progress: () => Progress[];
}

/**
 * Merges the lists of several regions into one, each in its own order. A row is taken only when no region that answers
 * can still have one before it. A region that fails contributes no rows and keeps its progress, so that the next page
 * asks it again.
 * @throws errors that are a shortage of the gateway itself, not a failure of a region.
 */
export async function merge<Row extends Identified>(
  sources: readonly Source<Row>[],
  wanted: Wanted<Row>,
  failed: ReadonlyMap<Source<Row>, unknown> = new Map(),
): Promise<Merged<Row>> {
  const lanes = sources.map((source, index) => openLane(source, wanted.progress[index] ?? null, failed.has(source)));
  const taken: Taken<Row> = { rows: [], lanes: [], counts: [] };
  const failures = new Map(failed);
  const { skip = 0, first } = wanted;
  const isFull = () => taken.rows.length >= skip + first;
  for (;;) {
    if (isFull() && !wanted.exact) break;
    if (lanes.some(isHeadless)) {
      await Promise.all(
        lanes.filter(isHeadless).map((lane) =>
          findHead(lane, wanted).catch((error) => {
            if (isOwnShortage(error)) throw error;
            failures.set(lane.source, error);
          }),
        ),
      );
      // What a failed region has contributed is taken back: its rows come when it answers again.
      if (failures.size > failed.size) return merge(sources, wanted, failures);
    }
    if (isFull()) break;
    const lane = nextLane(lanes, wanted.order);
    if (!lane) break;
    take(taken, lane, lanes);
    skipOthers(lane, wanted.matches);
  }
  const progressAt = (counts: readonly number[], remembered: number) =>
    lanes.map((lane, index) => progressOf(lane, counts[index] ?? 0, remembered));
  return {
    rows: skip === 0 ? taken.rows : taken.rows.slice(skip),
    hasSkipped: taken.rows.length >= skip || lanes.every((lane) => lane.state === 'failed' || isDone(lane, lane.taken)),
    hasNextPage: lanes.some((lane) => !isDone(lane, lane.taken)),
    failures: Array.from(failures, ([{ region }, error]) => ({ region, error })),
    progressBehind(index) {
      const at = skip + index;
      const [row, lane] = [taken.rows[at], taken.lanes[at]];
      const counts = taken.counts.slice(at * lanes.length, (at + 1) * lanes.length);
      return row && lane ? withKeysOf({ row, lane, counts }, lanes, progressAt(counts, 1)) : [];
    },
    progress: () =>
      progressAt(
        lanes.map(({ taken }) => taken),
        rememberedIds,
      ),
  };
}

/** The rows of the merged list, in flat lists: there may be thousands. */
interface Taken<Row> {
  readonly rows: Row[];
  /** The lane of each row. */
  readonly lanes: Lane<Row>[];
  /** For each row, the rows that were taken of each lane up to the row. */
  readonly counts: number[];
}

function take<Row>(
  { rows, lanes: lanesOfRows, counts }: Taken<Row>,
  lane: Lane<Row>,
  lanes: readonly Lane<Row>[],
): void {
  const row = lane.rows[lane.taken++];
  lane.headKeys = null;
  if (!row) return;
  rows.push(row);
  lanesOfRows.push(lane);
  for (const { taken } of lanes) counts.push(taken);
}

/**
 * Gives the positions of the other regions the sort values of this row, so that a cursor holds the values once. That is safe
 * because the rows taken from the other regions come before this row, and the rest come after it. It is not if a text key
 * precedes another key: each region collates texts in its own way, so a row with an equal text may be anywhere in its list.
 */
function withKeysOf<Row>(
  { row, lane, counts }: { readonly row: Row; readonly lane: Lane<Row>; readonly counts: readonly number[] },
  lanes: readonly Lane<Row>[],
  progress: Progress[],
): Progress[] {
  if (!lane.source.order.slice(0, -2).every(isComparable)) return progress;
  const keys = [...lane.source.keysOf(row).slice(0, -1), undefined];
  return progress.map((position, index) => {
    const isOther = lanes[index] !== lane && (counts[index] ?? 0) > 0;
    const isPosition = position !== null && position !== 'done' && !position.isWhole;
    return isOther && isPosition ? { ...position, keys } : position;
  });
}

/** Part of a list of which all rows are here: what `merge` makes of one such source, at once. */
export function pageOf<Row extends Identified>(
  list: Sorted<Row>,
  all: readonly Row[],
  { first, progress }: { readonly first: number; readonly progress: Progress },
): Merged<Row> {
  const from = progress === 'done' ? null : progress;
  const rows = progress === 'done' ? [] : behind(list, all, from);
  const progressAt = (taken: number, remembered: number): Progress =>
    taken === rows.length ? 'done' : positionAt(list, from, rows, { taken, remembered, isWhole: true });
  const taken = Math.min(first, rows.length);
  return {
    rows: rows.slice(0, first),
    hasSkipped: true,
    hasNextPage: taken < rows.length,
    failures: [],
    progressBehind: (index) => [progressAt(index + 1, 1)],
    progress: () => [progressAt(taken, rememberedIds)],
  };
}
