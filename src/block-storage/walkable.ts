import type { Region } from '../regions.ts';
import type { Breathe } from './client.ts';
import type { KeyValue, Order } from './order.ts';
import type { Page, PageQuery } from './page.ts';

/** A list of one region in an order, as it can be read. */
export interface Walkable<Row> {
  readonly region: Region;
  readonly read: (query: PageQuery) => Promise<Page<Row>>;
  readonly order: Order;
  /** The value of a row under one key of the order. */
  readonly keyOf: (key: string, row: Row) => KeyValue;
  /** All of them. */
  readonly keysOf: (row: Row) => readonly KeyValue[];
  readonly breathe: Breathe;
  /** One row of it by its id; null where two reads have found none. */
  readonly readRow: (uuid: string) => Promise<Row | null>;
  /** The same list with all that it can be sorted by, where this one shows less. */
  readonly detailed?: Walkable<Row>;
}

export interface Identified {
  readonly uuid: string;
}
