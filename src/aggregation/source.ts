import type { KeyValue, Order, Position } from '../block-storage/order.ts';
import { behind, type Portion, type Steps, type Walkable, walk } from '../block-storage/walk.ts';
import type { Region } from '../regions.ts';

/** One region's list, as a merged list reads it. */
export interface Source<Row> {
  readonly region: Region;
  /** Rows behind a position, in the region's own order, in portions. Rejects where the region fails. */
  readonly walk: (after: Position | null) => AsyncIterator<Portion<Row>, void>;
  readonly order: Order;
  readonly keysOf: (row: Row) => readonly KeyValue[];
}

interface Identified {
  readonly uuid: string;
}

/** A list that is read page by page. */
export function listSource<Row extends Identified>(region: Region, list: Walkable<Row>, steps: Steps): Source<Row> {
  return { region, order: list.order, keysOf: list.keysOf, walk: (after) => walk(list, { ...steps, after }) };
}

/** Rows that come all at once, and are put in order here. */
export function rowsSource<Row extends Identified>(
  region: Region,
  list: Pick<Walkable<Row>, 'order' | 'keysOf'>,
  read: () => Promise<readonly Row[]>,
): Source<Row> {
  async function* readOnce(after: Position | null): AsyncGenerator<Portion<Row>, void> {
    yield { rows: behind(list, await read(), after), isLast: true, isWhole: true };
  }
  return { region, order: list.order, keysOf: list.keysOf, walk: readOnce };
}
