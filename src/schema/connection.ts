import {
  CursorError,
  decodeCursor,
  encodeCursor,
  type ListIdentity,
  type Position,
  rememberedIds,
} from '../aggregation/cursor.ts';
import type { Rows, Wanted } from '../aggregation/list.ts';
import type { KeyValue } from '../aggregation/order.ts';
import { badInput } from '../errors.ts';
import { builder } from './builder.ts';

/** The arguments of every connection. */
export const pageArgs = builder.args((t) => ({
  first: t.int({ description: 'How many at most: 50 if left out, 0 to 1000.' }),
  after: t.string({ description: 'A cursor of this same list, to go on behind it.' }),
}));

/** The arguments of a connection whose order can be chosen upstream. */
export const offsetArg = builder.args((t) => ({
  offset: t.int({ description: 'Leaves out so many at the beginning. Not together with `after`; go on with cursors.' }),
}));

export interface PageArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly offset?: number | null | undefined;
}

/** Checks the arguments of a connection and reads its cursor. */
export function readPageArgs(list: ListIdentity, { first, after, offset }: PageArgs): Wanted {
  if (first != null && (first < 0 || first > 1000)) throw badInput(`"first" must be 0 to 1000; it is ${first}.`);
  if (offset != null && offset < 0) throw badInput(`"offset" must not be negative; it is ${offset}.`);
  if (offset != null && after != null) throw badInput('Give "offset" or "after", not both.');
  return { first: first ?? 50, after: after == null ? null : readCursor(list, after), offset: offset ?? null };
}

/** One page in Relay's shape. Cursors are written when they are asked for. */
export function toConnection<Row extends { readonly uuid: string }>(
  list: ListIdentity,
  { first: _first, after, offset }: Wanted,
  { rows, hasNextPage }: Rows<Row>,
  keysOf: (row: Row) => readonly KeyValue[],
) {
  const cursorAt = (index: number): string => {
    const row = rows[index];
    if (!row) throw new RangeError(`no row ${index}`);
    const newest = rows.slice(Math.max(0, index + 1 - rememberedIds), index + 1).map(({ uuid }) => uuid);
    const ids = [...newest.reverse(), ...(after?.ids ?? [])].slice(0, rememberedIds);
    return encodeCursor(list, [{ ids, keys: keysOf(row) }]);
  };
  return {
    edges: rows.map((node, index) => ({
      node,
      get cursor() {
        return cursorAt(index);
      },
    })),
    pageInfo: {
      hasNextPage,
      hasPreviousPage: after !== null || (offset ?? 0) > 0,
      get startCursor() {
        return rows.length === 0 ? null : cursorAt(0);
      },
      get endCursor() {
        if (rows.length > 0) return cursorAt(rows.length - 1);
        return after && encodeCursor(list, [after]);
      },
    },
  };
}

function readCursor(list: ListIdentity, cursor: string): Position | null {
  try {
    return decodeCursor(list, cursor)[0] ?? null;
  } catch (error) {
    throw error instanceof CursorError ? badInput(error.message) : error;
  }
}
