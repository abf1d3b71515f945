import { hash } from 'node:crypto';

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

/** How many ids the position behind a page remembers. A row's own cursor remembers its own alone. */
export const rememberedIds = 8;

/** How far a list has been read. */
export interface Position {
  /** The ids of the last rows read, newest first: when the first is deleted the next can be the marker. */
  readonly ids: readonly string[];
  /** Of each of these rows what its values were, see `markOf`: a row whose values have changed stands elsewhere now. */
  readonly marks: readonly string[];
  /** Whether these are all rows before the position: the list begins with the last of them. */
  readonly isFromBeginning: boolean;
  /**
   * The last row's values under the list's order; none if they are not all known. In a row's own cursor over several regions
   * they may be that row's in each of them, and the id is not known then.
   */
  readonly keys: readonly KeyValue[];
  /** The upstream does not page, so the list was read whole and sorted here. */
  readonly isWhole?: boolean;
}

/** A short digest of those values of a row that may change; always the same where none may. */
export function markOf(order: Order, keys: readonly KeyValue[]): string {
  // Each edge of a page asks this of several rows, so none is digested for nothing.
  if (isFixed(order)) return '00000000';
  // A short list does not show the others.
  const changing = keys.filter((_, index) => !isFixedKey(order[index]));
  return hash('sha256', JSON.stringify(changing)).slice(0, 8);
}

/** Whether a row keeps its place in an order for good. */
export function isFixed(order: Order): boolean {
  return order.every(isFixedKey);
}

function isFixedKey(key: SortKey | undefined): boolean {
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
  for (const [index, { key, direction }] of order.entries()) {
    const [left, right] = [a[index], b[index]];
    if (left === undefined || right === undefined) return null;
    if (left === right) continue;
    const isText = typeof left === 'string' && typeof right === 'string';
    if (isText && key !== 'created_at' && key !== 'id') return null;
    const compared = compareValues(left, right);
    return direction === 'asc' ? compared : -compared;
  }
  return 0;
}

function compareValues(a: string | number | null, b: string | number | null): number {
  if (a === b) return 0;
  if (a === null) return -1;
  if (b === null) return 1;
  return a < b ? -1 : 1;
}
