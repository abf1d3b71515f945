import type { Breathe } from './client.ts';
import { compareKeys, type KeyValue, type Order } from './order.ts';
import { maxLimit } from './page.ts';

/** How the rows of a list are compared. */
interface Compared<Row> {
  readonly order: Order;
  readonly keysOf: (row: Row) => readonly KeyValue[];
}

/** A row with its sort keys. They are read once, because each row is compared about a dozen times. */
interface Keyed<Row> {
  readonly row: Row;
  readonly keys: readonly KeyValue[];
}

/** Sorts rows as `toSorted` does, in one step. */
export function sortRows<Row>(list: Compared<Row>, rows: readonly Row[]): Row[] {
  return sortRun(list, rows).map(({ row }) => row);
}

/** Sorts rows as `toSorted` does, in steps between which other work can run. For lists of any length. */
export async function sortManyRows<Row>(
  list: Compared<Row> & { readonly breathe: Breathe },
  rows: readonly Row[],
): Promise<Row[]> {
  let runs: Keyed<Row>[][] = [];
  for (let at = 0; at < rows.length; at += maxLimit) {
    const pause = list.breathe(Math.min(maxLimit, rows.length));
    if (pause) await pause;
    runs.push(sortRun(list, rows.slice(at, at + maxLimit)));
  }
  while (runs.length > 1) {
    const merged: Keyed<Row>[][] = [];
    for (let at = 0; at < runs.length; at += 2) merged.push(await mergeRuns(list, runs[at] ?? [], runs[at + 1] ?? []));
    runs = merged;
  }
  return (runs[0] ?? []).map(({ row }) => row);
}

function sortRun<Row>({ order, keysOf }: Compared<Row>, rows: readonly Row[]): Keyed<Row>[] {
  return rows.map((row) => ({ row, keys: keysOf(row) })).sort((a, b) => compareKeys(order, a.keys, b.keys));
}

/** Merges two sorted runs. Of equal rows, those of the first run come first. */
async function mergeRuns<Row>(
  { order, breathe }: Compared<Row> & { readonly breathe: Breathe },
  first: readonly Keyed<Row>[],
  second: readonly Keyed<Row>[],
): Promise<Keyed<Row>[]> {
  const merged: Keyed<Row>[] = [];
  let [left, right] = [0, 0];
  for (;;) {
    const pause = merged.length % maxLimit === 0 ? breathe(maxLimit) : null;
    if (pause) await pause;
    const [a, b] = [first[left], second[right]];
    if (a && (!b || compareKeys(order, a.keys, b.keys) <= 0)) {
      merged.push(a);
      left++;
    } else if (b) {
      merged.push(b);
      right++;
    } else return merged;
  }
}
