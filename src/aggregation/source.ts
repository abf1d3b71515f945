import type { Breathe } from '../block-storage/client.ts';
import type { KeyValue, Order } from '../block-storage/order.ts';
import type { Position } from '../block-storage/position.ts';
import { type Portion, type Steps, walk } from '../block-storage/walk.ts';
import type { Identified, Walkable } from '../block-storage/walkable.ts';
import { behind } from '../block-storage/whole.ts';
import type { Region } from '../regions.ts';

/** One region's list, as a merged list reads it. */
export interface Source<Row> {
  readonly region: Region;
  /** Rows behind a position, in the region's own order, in portions. Rejects where the region fails. */
  readonly walk: (after: Position | null) => AsyncIterator<Portion<Row>, void>;
  readonly order: Order;
  readonly keysOf: (row: Row) => readonly KeyValue[];
  /** The rows that it leaves out at the beginning. */
  readonly offset?: number | null;
  readonly breathe: Breathe;
}

/** A list and how its rows stand in it. */
export type Sorted<Row> = Pick<Source<Row>, 'order' | 'keysOf' | 'offset'>;

/** A list that is read page by page. */
export function listSource<Row extends Identified>(region: Region, list: Walkable<Row>, steps: Steps): Source<Row> {
  const { order, keysOf, breathe } = list;
  const { offset = null } = steps;
  return { region, order, keysOf, offset, breathe, walk: (after) => walk(list, { ...steps, after }) };
}

/** Few rows that come all at once, and are put in order here. */
export function rowsSource<Row extends Identified>(
  region: Region,
  { order, keysOf }: Pick<Walkable<Row>, 'order' | 'keysOf'>,
  read: () => Promise<readonly Row[]>,
): Source<Row> {
  async function* readOnce(after: Position | null): AsyncGenerator<Portion<Row>, void> {
    yield { rows: behind({ order, keysOf }, await read(), after), isLast: true, isWhole: true };
  }
  return { region, order, keysOf, breathe: () => null, walk: readOnce };
}
