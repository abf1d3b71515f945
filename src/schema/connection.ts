import { CursorError, decodeCursor, encodeCursor, type ListIdentity, type Progress } from '../aggregation/cursor.ts';
import type { Merged } from '../aggregation/merge.ts';
import { maxRows } from '../block-storage/page.ts';
import { cost } from '../cost/field-cost.ts';
import { largestPage, ofTotal, pageSize, shortList } from '../cost/figures.ts';
import { badArgument } from '../errors/coded-error.ts';
import { builder, type ConnectionExtras } from './builder.ts';
import { describeFailures, RegionFailureRef } from './region-failure.ts';

/** The arguments of every connection. */
export const pageArgs = builder.args((t) => ({
  first: t.int({ description: `How many at most: ${pageSize} if left out, 0 to ${largestPage}.` }),
  after: t.string({ description: 'A cursor of this same list, to go on behind it.' }),
}));

export interface PageArgs {
  readonly first?: number | null | undefined;
  readonly after?: string | null | undefined;
  readonly offset?: number | null | undefined;
}

builder.globalConnectionFields((t) => ({
  totalCount: t.int({
    nullable: true,
    extensions: cost({ scans: ofTotal }),
    description:
      'How many there are on all pages together, in the regions that answered. Counted only when asked for; null when there are too many to count.',
    resolve: async ({ count }) => (await count)?.total ?? null,
  }),
  failures: t.field({
    type: [RegionFailureRef],
    nullable: false,
    extensions: cost({ length: shortList }),
    description: 'The regions that could not be asked. The next page asks them again.',
    resolve: async ({ regions, count, pageFailures }) =>
      describeFailures(regions, [...pageFailures, ...((await count)?.failures ?? [])]),
  }),
}));

/** Checks the arguments of a connection and reads its cursor. */
export function readPageArgs(list: ListIdentity, { first, after, offset }: PageArgs) {
  if (first != null && (first < 0 || first > largestPage))
    throw badArgument(['first'], `must be 0 to ${largestPage}; it is ${first}.`);
  if (offset != null && offset < 0) throw badArgument(['offset'], `must not be negative; it is ${offset}.`);
  if (offset != null && after != null) throw badArgument(['offset'], 'and "after" were both given. Give one of them.');
  if (offset != null && offset > maxRows && list.regions.length > 1)
    throw badArgument(
      ['offset'],
      `must be ${maxRows} at most with several regions; it is ${offset}. Go on with cursors.`,
    );
  return {
    first: first ?? pageSize,
    offset: offset ?? null,
    progress: after == null ? list.regions.map(() => null) : readCursor(list, after),
    isBeginning: after == null,
  };
}

/** One page in Relay's shape. Cursors are written when they are asked for. */
export function toConnection<Row>(
  list: ListIdentity,
  { rows, hasNextPage, failures, progress, progressBehind }: Merged<Row>,
  extras: Omit<ConnectionExtras, 'pageFailures'> & { readonly hasPreviousPage: boolean },
) {
  const cursorBehind = (index: number) => encodeCursor(list, progressBehind(index));
  return {
    regions: extras.regions,
    count: extras.count,
    pageFailures: failures,
    edges: rows.map((node, index) => new Edge(node, index, cursorBehind)),
    pageInfo: new PageInfo(
      { hasNextPage, hasPreviousPage: extras.hasPreviousPage },
      () => (rows.length === 0 ? null : cursorBehind(0)),
      () => (rows.length === 0 && !hasNextPage ? null : encodeCursor(list, progress())),
    ),
  };
}

/* Classes, so that a thousand rows share their getters. */

class Edge<Row> {
  readonly node: Row;
  readonly #index: number;
  readonly #cursorBehind: (index: number) => string;

  constructor(node: Row, index: number, cursorBehind: (index: number) => string) {
    this.node = node;
    this.#index = index;
    this.#cursorBehind = cursorBehind;
  }

  get cursor() {
    return this.#cursorBehind(this.#index);
  }
}

class PageInfo {
  readonly hasNextPage: boolean;
  readonly hasPreviousPage: boolean;
  readonly #start: () => string | null;
  readonly #end: () => string | null;

  constructor(
    { hasNextPage, hasPreviousPage }: { hasNextPage: boolean; hasPreviousPage: boolean },
    start: () => string | null,
    end: () => string | null,
  ) {
    this.hasNextPage = hasNextPage;
    this.hasPreviousPage = hasPreviousPage;
    this.#start = start;
    this.#end = end;
  }

  get startCursor() {
    return this.#start();
  }
  get endCursor() {
    return this.#end();
  }
}

function readCursor(list: ListIdentity, cursor: string): Progress[] {
  try {
    return decodeCursor(list, cursor);
  } catch (error) {
    throw error instanceof CursorError ? badArgument(['after'], error.message) : error;
  }
}
