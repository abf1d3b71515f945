import { isOutOfCalls, isOwnShortage } from '../block-storage/error.ts';
import { compareKeys, isComparable, type KeyValue, type Order } from '../block-storage/order.ts';
import { type Position, positionBehind, rememberedIds } from '../block-storage/position.ts';
import type { Portion } from '../block-storage/walk.ts';
import type { Identified } from '../block-storage/walkable.ts';
import { behind } from '../block-storage/whole.ts';
import type { Region } from '../regions.ts';
import type { Progress } from './cursor.ts';
import type { Source } from './source.ts';

/** What part of a merged list is wanted. */
export interface Wanted<Row> {
  /** At most so many rows. */
  readonly first: number;
  /** Leaves out so many rows of the merged list before them; none if missing. */
  readonly skip?: number;
  /** The progress of each source, in their order. */
  readonly progress: readonly Progress[];
  /** By which the rows of different regions are compared; equal ones stand in the order of the sources. */
  readonly order: Order;
  /** Which rows count; all where it is null. */
  readonly matches: ((row: Row) => boolean) | null;
  /** Reads on behind a full page where only that tells whether more follows; else a next link is taken at its word. */
  readonly exact: boolean;
  /** Rows to look through in each region, and until when on the clock of `performance.now()`. */
  readonly bound: { readonly rows: number; readonly until: number };
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
  const taken: Taken<Row>[] = [];
  const failures = new Map(failed);
  const { skip = 0, first } = wanted;
  const isFull = () => taken.length >= skip + first;
  for (;;) {
    if (isFull() && !wanted.exact) break;
    const headless = lanes.filter((lane) => lane.state === 'open' && lane.taken === lane.rows.length);
    if (headless.length > 0) {
      await Promise.all(
        headless.map((lane) =>
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
    const row = lane.rows[lane.taken++];
    if (row) taken.push({ row, lane, counts: lanes.map(({ taken }) => taken) });
    skipOthers(lane, wanted.matches);
  }
  const progressAt = (counts: readonly number[], remembered: number) =>
    lanes.map((lane, index) => progressOf(lane, counts[index] ?? 0, remembered));
  const page = taken.slice(skip);
  return {
    rows: page.map(({ row }) => row),
    hasSkipped: taken.length >= skip || lanes.every((lane) => lane.state === 'failed' || isDone(lane, lane.taken)),
    hasNextPage: lanes.some((lane) => !isDone(lane, lane.taken)),
    failures: Array.from(failures, ([{ region }, error]) => ({ region, error })),
    progressBehind(index) {
      const row = page[index];
      return row ? withKeysOf(row, lanes, progressAt(row.counts, 1)) : [];
    },
    progress: () =>
      progressAt(
        lanes.map(({ taken }) => taken),
        rememberedIds,
      ),
  };
}

/** A row of the merged list. */
interface Taken<Row> {
  readonly row: Row;
  readonly lane: Lane<Row>;
  /** The rows that were taken of each lane up to this one. */
  readonly counts: readonly number[];
}

/**
 * Gives the positions of the other regions the sort values of this row, so that a cursor holds the values once. That is safe
 * because the rows taken from the other regions come before this row, and the rest come after it. It is not if a text key
 * precedes another key: each region collates texts in its own way, so a row with an equal text may be anywhere in its list.
 */
function withKeysOf<Row>(
  { row, lane, counts }: Taken<Row>,
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

/** A list and how its rows stand in it. */
export type Sorted<Row> = Pick<Source<Row>, 'order' | 'keysOf' | 'offset'>;

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

/** A source on its way: the rows it has given, and how many of them are taken or passed over. */
interface Lane<Row> {
  readonly source: Source<Row>;
  readonly from: Position | null;
  readonly rows: Row[];
  taken: number;
  isWhole: boolean;
  /** `ended`: nothing more to read. `paused`: nothing more is read for this page. */
  state: 'open' | 'ended' | 'paused' | 'failed';
  readonly portions: AsyncIterator<Portion<Row>, void> | null;
}

function openLane<Row>(source: Source<Row>, from: Progress, hasFailed: boolean): Lane<Row> {
  const lane = { source, rows: [], taken: 0, isWhole: false };
  if (from === 'done') return { ...lane, from: null, state: 'ended', portions: null };
  if (hasFailed) return { ...lane, from, state: 'failed', portions: null };
  return { ...lane, from, state: 'open', portions: source.walk(from) };
}

/** Reads on until a row to take is at the head of the lane, or nothing more is to be read. */
async function findHead<Row>(lane: Lane<Row>, { matches, bound }: Wanted<Row>): Promise<void> {
  while (lane.state === 'open' && lane.taken === lane.rows.length) {
    const isOver = lane.rows.length >= bound.rows || (lane.rows.length > 0 && performance.now() > bound.until);
    // What is here whole is looked through to its end.
    if (isOver && !lane.isWhole) {
      lane.state = 'paused';
      return;
    }
    const portion = await lane.portions?.next().catch((error: unknown) => {
      // What was read before makes a short page; only a region that has given nothing fails.
      if (isOutOfCalls(error) && lane.rows.length > 0) return null;
      throw error;
    });
    if (portion === null) {
      lane.state = 'paused';
      return;
    }
    const pause = lane.source.breathe(portion?.value?.rows.length ?? 0);
    if (pause) await pause;
    for (const row of portion?.value?.rows ?? []) lane.rows.push(row);
    if (portion?.value?.isWhole) lane.isWhole = true;
    if (portion?.value?.isLast !== false) lane.state = 'ended';
    skipOthers(lane, matches);
  }
}

function skipOthers<Row>(lane: Lane<Row>, matches: Wanted<Row>['matches']): void {
  if (!matches) return;
  for (let row = lane.rows[lane.taken]; row && !matches(row); row = lane.rows[lane.taken]) lane.taken++;
}

/** The lane whose head comes next; null where there is none, or where a paused region may have a row before it. */
function nextLane<Row>(lanes: readonly Lane<Row>[], order: Order): Lane<Row> | null {
  let next: { lane: Lane<Row>; keys: readonly KeyValue[] } | null = null;
  for (const lane of lanes) {
    const head = lane.rows[lane.taken] ?? (lane.state === 'paused' ? lane.rows.at(-1) : undefined);
    if (!head) continue;
    const keys = lane.source.keysOf(head);
    if (!next || compareKeys(order, keys, next.keys) < 0) next = { lane, keys };
  }
  return next && next.lane.taken < next.lane.rows.length ? next.lane : null;
}

function isDone<Row>(lane: Lane<Row>, taken: number): boolean {
  return lane.state === 'ended' && taken === lane.rows.length;
}

function progressOf<Row extends Identified>(lane: Lane<Row>, taken: number, remembered: number): Progress {
  if (isDone(lane, taken)) return 'done';
  const { source, from, rows, isWhole } = lane;
  return positionAt(source, from, rows, { taken, remembered, isWhole });
}

function positionAt<Row extends Identified>(
  list: Sorted<Row>,
  from: Position | null,
  rows: readonly Row[],
  { taken, remembered, isWhole }: { taken: number; remembered: number; isWhole: boolean },
): Position | null {
  const position = positionBehind(list, from, rows, taken, remembered);
  return position && isWhole ? { ...position, isWhole } : position;
}
