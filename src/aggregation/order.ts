import type { SortKey } from '../block-storage/page.ts';

/** One key to order by, by its upstream name. `id` is appended where it is sent, so that every order is total. */
export type Order = readonly SortKey[];

/** The order when none is asked for. */
export const newestFirst: Order = [{ key: 'created_at', direction: 'desc' }];

/** With `id` in the first key's direction, as Cinder breaks ties itself (FACTS 16). */
export function totalOrder(order: Order): Order {
  return [...order, { key: 'id', direction: order[0]?.direction ?? 'desc' }];
}

/** What a row is ordered by. */
export type KeyValue = string | number | null;

/** Compares two rows' keys: nulls first ascending (FACTS 22), text by code unit. */
export function compareKeys(order: Order, a: readonly KeyValue[], b: readonly KeyValue[]): number {
  for (const [index, { direction }] of order.entries()) {
    const compared = compareValues(a[index] ?? null, b[index] ?? null);
    if (compared !== 0) return direction === 'asc' ? compared : -compared;
  }
  return 0;
}

function compareValues(a: KeyValue, b: KeyValue): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  return a < b ? -1 : 1;
}
