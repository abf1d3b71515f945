import { hash } from 'node:crypto';
import { isFixed, isFixedKey, type KeyValue, type Order } from './order.ts';
import type { Identified, Walkable } from './walkable.ts';

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

/**
 * The position behind rows that were read one after the other from a position.
 * @param count of the rows; all of them by default.
 * @param remembered the most ids that it remembers.
 */
export function positionBehind<Row extends Identified>(
  { order, keysOf, offset }: Pick<Walkable<Row>, 'order' | 'keysOf'> & { readonly offset?: number | null },
  from: Position | null,
  rows: readonly Row[],
  count = rows.length,
  remembered = rememberedIds,
): Position | null {
  const last = rows[count - 1];
  if (!last) return from && shortened(from, remembered);
  const newest = rows.slice(Math.max(0, count - remembered), count).toReversed();
  const isFromBeginning = from === null ? !offset : from.isFromBeginning;
  const marks = newest.map((row) => markOf(order, keysOf(row)));
  return shortened(
    {
      ids: [...newest.map(({ uuid }) => uuid), ...(from?.ids ?? [])],
      marks: [...marks, ...(from?.marks ?? [])],
      isFromBeginning: isFromBeginning && count === newest.length,
      keys: keysOf(last),
    },
    remembered,
  );
}

/** A position that remembers fewer ids. */
function shortened(position: Position, remembered: number): Position {
  const { ids, marks, isFromBeginning } = position;
  if (ids.length <= remembered) return position;
  return {
    ...position,
    ids: ids.slice(0, remembered),
    marks: marks.slice(0, remembered),
    isFromBeginning: isFromBeginning && ids.length <= remembered,
  };
}

/** A short digest of those values of a row that may change; always the same where none may. */
export function markOf(order: Order, keys: readonly KeyValue[]): string {
  // Each edge of a page asks this of several rows, so none is digested for nothing.
  if (isFixed(order)) return '00000000';
  // A short list does not show the others.
  const changing = keys.filter((_, index) => !isFixedKey(order[index]));
  return hash('sha256', JSON.stringify(changing)).slice(0, 8);
}
