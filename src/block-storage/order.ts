/** One key of `sort=key:direction,…` (guide, "List Block Storage"). */
export interface SortKey {
  readonly key: string;
  readonly direction: 'asc' | 'desc';
}

/** The keys of a list's order, the most important first, by their upstream names. */
export type Order = readonly SortKey[];

/** The order when none is asked for. */
export const newestFirst: Order = totalOrder([{ key: 'created_at', direction: 'desc' }]);

/** An order with `id` appended in the first key's direction, as Cinder breaks ties itself (FACTS 16). */
export function totalOrder(order: Order): Order {
  return [...order, { key: 'id', direction: order[0]?.direction ?? 'desc' }];
}

/** The value of a row under one key of an order; undefined where the row does not show it. */
export type KeyValue = string | number | null | undefined;

/** Whether a row keeps its place in an order for good. */
export function isFixed(order: Order): boolean {
  return order.every(isFixedKey);
}

/** Whether a value of a row never changes. */
export function isFixedKey(key: SortKey | undefined): boolean {
  return key?.key === 'created_at' || key?.key === 'id';
}

/** Whether all regions order rows alike by a key: not by texts, which each collates in its own way (FACTS 30). */
export function isComparable({ key }: SortKey): boolean {
  return ['created_at', 'id', 'size', 'volume_size'].includes(key);
}

/** Compares rows by their values: nulls first ascending (FACTS 22), text by code unit. */
export function compareKeys(order: Order, a: readonly KeyValue[], b: readonly KeyValue[]): number {
  // By index: long lists are sorted by it.
  for (let index = 0; index < order.length; index++) {
    const compared = compareValues(a[index] ?? null, b[index] ?? null);
    if (compared !== 0) return order[index]?.direction === 'asc' ? compared : -compared;
  }
  return 0;
}

/**
 * Compares rows as the region itself would; null where that cannot be known. Regions collate text each in their own
 * way (FACTS 30), so of two different texts nothing is known but for times and ids.
 */
export function compareKnown(order: Order, a: readonly KeyValue[], b: readonly KeyValue[]): number | null {
  for (let index = 0; index < order.length; index++) {
    // The index is within the list.
    const compared = compareKnownValues(order[index] as SortKey, a[index], b[index]);
    if (compared !== 0) return compared;
  }
  return 0;
}

/** The same for two rows, of which only the values are read that decide. */
export function compareKnownRows<Row>(
  order: Order,
  keyOf: (key: string, row: Row) => KeyValue,
  a: Row,
  b: Row,
): number | null {
  for (const sortKey of order) {
    const compared = compareKnownValues(sortKey, keyOf(sortKey.key, a), keyOf(sortKey.key, b));
    if (compared !== 0) return compared;
  }
  return 0;
}

function compareKnownValues({ key, direction }: SortKey, a: KeyValue, b: KeyValue): number | null {
  if (a === undefined || b === undefined) return null;
  if (a === b) return 0;
  const areTexts = typeof a === 'string' && typeof b === 'string';
  if (areTexts && key !== 'created_at' && key !== 'id') return null;
  const compared = compareValues(a, b);
  return direction === 'asc' ? compared : -compared;
}

function compareValues(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  return a < b ? -1 : 1;
}
