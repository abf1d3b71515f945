import { isOutOfCalls } from '../block-storage/error.ts';
import { compareKeys, type KeyValue, type Order } from '../block-storage/order.ts';
import { type Position, positionBehind } from '../block-storage/position.ts';
import type { Portion } from '../block-storage/walk.ts';
import type { Identified } from '../block-storage/walkable.ts';
import type { Progress } from './cursor.ts';
import type { Sorted, Source } from './source.ts';

/** What is looked for in each region, and how far. */
export interface Search<Row> {
  /** Which rows count; all where it is null. */
  readonly matches: ((row: Row) => boolean) | null;
  /** Rows to look through in each region, and until when on the clock of `performance.now()`. */
  readonly bound: { readonly rows: number; readonly until: number };
}

/** A source on its way: the rows it has given, and how many of them are taken or passed over. */
export interface Lane<Row> {
  readonly source: Source<Row>;
  readonly from: Position | null;
  readonly rows: Row[];
  taken: number;
  /** The sort values of the row at its head; null until they are asked for. */
  headKeys: readonly KeyValue[] | null;
  isWhole: boolean;
  /** `ended`: nothing more to read. `paused`: nothing more is read for this page. */
  state: 'open' | 'ended' | 'paused' | 'failed';
  readonly portions: AsyncIterator<Portion<Row>, void> | null;
}

export function openLane<Row>(source: Source<Row>, from: Progress, hasFailed: boolean): Lane<Row> {
  const lane = { source, rows: [], taken: 0, headKeys: null, isWhole: false };
  if (from === 'done') return { ...lane, from: null, state: 'ended', portions: null };
  if (hasFailed) return { ...lane, from, state: 'failed', portions: null };
  return { ...lane, from, state: 'open', portions: source.walk(from) };
}

/** Whether it must be read on to know the row at its head. */
export function isHeadless<Row>({ state, taken, rows }: Lane<Row>): boolean {
  return state === 'open' && taken === rows.length;
}

/** Reads on until a row to take is at the head of the lane, or nothing more is to be read. */
export async function findHead<Row>(lane: Lane<Row>, { matches, bound }: Search<Row>): Promise<void> {
  while (isHeadless(lane)) {
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

export function skipOthers<Row>(lane: Lane<Row>, matches: Search<Row>['matches']): void {
  if (!matches) return;
  for (let row = lane.rows[lane.taken]; row && !matches(row); row = lane.rows[lane.taken]) {
    lane.taken++;
    lane.headKeys = null;
  }
}

/** The lane whose head comes next; null where there is none, or where a paused region may have a row before it. */
export function nextLane<Row>(lanes: readonly Lane<Row>[], order: Order): Lane<Row> | null {
  const [only] = lanes;
  if (only && lanes.length === 1) return only.taken < only.rows.length ? only : null;
  let next: Lane<Row> | null = null;
  for (const lane of lanes) {
    const keys = headKeysOf(lane);
    if (keys && (!next?.headKeys || compareKeys(order, keys, next.headKeys) < 0)) next = lane;
  }
  return next && next.taken < next.rows.length ? next : null;
}

/** The sort values of the row at a lane's head. A paused lane has no row before the last one that it has given. */
function headKeysOf<Row>(lane: Lane<Row>): readonly KeyValue[] | null {
  const head = lane.rows[lane.taken] ?? (lane.state === 'paused' ? lane.rows.at(-1) : undefined);
  if (!head) return null;
  lane.headKeys ??= lane.source.keysOf(head);
  return lane.headKeys;
}

export function isDone<Row>(lane: Lane<Row>, taken: number): boolean {
  return lane.state === 'ended' && taken === lane.rows.length;
}

export function progressOf<Row extends Identified>(lane: Lane<Row>, taken: number, remembered: number): Progress {
  if (isDone(lane, taken)) return 'done';
  const { source, from, rows, isWhole } = lane;
  return positionAt(source, from, rows, { taken, remembered, isWhole });
}

export function positionAt<Row extends Identified>(
  list: Sorted<Row>,
  from: Position | null,
  rows: readonly Row[],
  { taken, remembered, isWhole }: { taken: number; remembered: number; isWhole: boolean },
): Position | null {
  const position = positionBehind(list, from, rows, taken, remembered);
  return position && isWhole ? { ...position, isWhole } : position;
}
