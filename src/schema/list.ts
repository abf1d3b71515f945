import type { GraphQLResolveInfo } from 'graphql';
import { countRows } from '../aggregation/count.ts';
import type { ListIdentity } from '../aggregation/cursor.ts';
import { merge, pageOf } from '../aggregation/merge.ts';
import type { Sorted, Source } from '../aggregation/source.ts';
import type { Order } from '../block-storage/order.ts';
import { manyIds, maxLimit, maxRows } from '../block-storage/page.ts';
import type { Context } from '../context.ts';
import { badArgument, codedError } from '../errors/coded-error.ts';
import type { Region } from '../regions.ts';
import { builder } from './builder.ts';
import { type PageArgs, readPageArgs, toConnection } from './connection.ts';
import { findRegion } from './global-id.ts';
import { noteFailures, throwIfAllFailed } from './region-failure.ts';

/** The argument of lists that can be read from the middle. */
export const offsetArg = builder.args((t) => ({
  offset: t.int({
    description:
      'Skips this number of rows at the beginning, at most 10,000 over several regions. Cannot be combined with `filter` or `after`; continue with cursors.',
  }),
}));

/** What rows have in common. */
interface Listed {
  readonly region: Region;
  readonly uuid: string;
}

/** A list over one or several regions, as a field is asked for it. */
export interface ListQuery<Row extends Listed> {
  /** Such as `volumes`. */
  readonly kind: string;
  readonly regions: readonly Region[];
  readonly order: Order;
  /** By which rows of different regions are compared; the order without its identifiers if left out. */
  readonly compared?: Order;
  /** As it was given, so that a cursor of another filter is refused. */
  readonly filter?: unknown;
  readonly matches?: ((row: Row) => boolean) | null;
  readonly args: PageArgs;
  readonly info: GraphQLResolveInfo;
  /** Whether the total is asked for. */
  readonly isCounted: boolean;
  /** Reads what rows of a region will need, beside its list. */
  readonly beside?: (region: Region) => Promise<void>;
  /** A region's list, read in these steps. */
  readonly sourceOf: (region: Region, steps: { limit: number; offset: number | null }) => Source<Row>;
}

const unbounded = { rows: Number.POSITIVE_INFINITY, until: Number.POSITIVE_INFINITY };

/** Reads one page of a list, and counts the whole where that is asked for. */
export async function readList<Row extends Listed>(context: Context, query: ListQuery<Row>) {
  const { kind, regions, order, filter = null, matches = null, info, isCounted, sourceOf } = query;
  const tenants = regions.map((region) => context.caller.tenant(region));
  const list: ListIdentity = { kind, regions: regions.map(({ code }) => code), tenants, order, filter };
  const { first, offset, progress, isBeginning } = readPageArgs(list, query.args);
  if (offset !== null && matches !== null)
    throw badArgument(['offset'], 'and "filter" were both given. Give one of them.');

  const now = performance.now();
  const bound = { rows: maxRows, until: now + (context.caller.deadline - now) / 2 };
  const countAll = () =>
    countRows(
      regions.map((region) => sourceOf(region, { limit: maxLimit, offset: null })),
      { matches, bound },
    );
  const count = isCounted ? countAll() : null;
  // Whoever asks for it gets the rejection.
  count?.catch(() => {});

  const { skip, upstream } = divideOffset(offset ?? 0, { first, regions: regions.length });
  // What looks through everything goes in large steps, so that a page and a count share what is read.
  const isScan = matches !== null || (isCounted && isBeginning);
  const limit = isScan ? maxLimit : Math.min(skip + first + 1, maxLimit);
  const merging = merge(
    regions.map((region) => sourceOf(region, { limit, offset: upstream === 0 ? null : upstream })),
    {
      first,
      skip,
      progress,
      order: query.compared ?? order.slice(0, -1),
      matches,
      exact: matches === null && first < maxLimit,
      bound: matches === null ? { ...unbounded, ...(regions.length > 1 ? { until: bound.until } : {}) } : bound,
    },
  );
  const isRead = (index: number) => first > 0 && progress[index] !== 'done';
  const beside = regions.map((region, index) => (isRead(index) ? query.beside?.(region) : undefined));
  const page = await merging;
  throwIfAllFailed(regions, page.failures, progress.filter((region) => region !== 'done').length);
  if (!page.hasSkipped) throw outOfReach(skip);
  noteFailures(context, info, regions, page.failures);
  count?.then(({ failures }) => noteFailures(context, info, regions, failures)).catch(() => {});
  // The fields of these rows would else wait for it one by one; what no row needs is not waited for.
  const present = new Set(page.rows.map(({ region }) => region));
  for (const [index, region] of regions.entries()) if (present.has(region)) await beside[index];
  return toConnection(list, page, { regions, count, hasPreviousPage: !isBeginning || (offset ?? 0) > 0 });
}

/**
 * One region leaves rows out itself. With several regions, only merging shows which rows to leave out. A page of no rows is
 * begun one row earlier, because a cursor stands behind a row.
 */
function divideOffset(offset: number, { first, regions }: { first: number; regions: number }) {
  if (regions > 1) return { skip: offset, upstream: 0 };
  const skip = first === 0 && offset > 0 ? 1 : 0;
  return { skip, upstream: offset - skip };
}

function outOfReach(skip: number): Error {
  const message = `The ${skip} rows of "offset" could not be read in time to leave them out. Use a smaller "offset", one region, or cursors.`;
  return codedError('QUERY_TOO_COMPLEX', message);
}

/** One page of a region's rows that come all at once; it is there at once where they are. */
export function readRows<Row extends Listed>(
  context: Context,
  query: Pick<ListQuery<Row>, 'kind' | 'args'> & { readonly region: Region; readonly list: Sorted<Row> },
  read: () => readonly Row[] | Promise<readonly Row[]>,
) {
  const { kind, region, args, list } = query;
  const tenants = [context.caller.tenant(region)];
  const identity: ListIdentity = { kind, regions: [region.code], tenants, order: list.order, filter: null };
  const { first, progress, isBeginning } = readPageArgs(identity, args);
  const toPage = (rows: readonly Row[]) =>
    toConnection(identity, pageOf(list, rows, { first, progress: progress[0] ?? null }), {
      regions: [region],
      count: { total: rows.length, failures: [] },
      hasPreviousPage: !isBeginning,
    });
  const rows = read();
  return rows instanceof Promise ? rows.then(toPage) : toPage(rows);
}

/** The regions that a list is asked of: all, or the named ones, in the order of the table. */
export function readRegions(context: Context, codes: readonly string[] | null | undefined): readonly Region[] {
  if (codes == null) return context.regions;
  if (codes.length === 0) throw badArgument(['regions'], 'names no region. Leave it out to ask all.');
  const named = new Set(codes.map((code) => findRegion(context, code)));
  return context.regions.filter((region) => named.has(region));
}

/** Reads few rows named by their UUIDs one by one, those that there are; null when there are many. */
export function readNamed<Row>(
  uuids: readonly string[] | null | undefined,
): ((loader: { loadMany(uuids: string[]): Promise<(Row | null | Error)[]> }) => Promise<Row[]>) | null {
  const distinct = [...new Set(uuids?.map((uuid) => uuid.toLowerCase()))];
  if (!uuids || distinct.length >= manyIds) return null;
  return async (loader) => {
    const rows = await loader.loadMany(distinct);
    const failed = rows.find((row) => row instanceof Error);
    if (failed) throw failed;
    return rows.filter((row): row is Row & (Row | null | Error) => row !== null);
  };
}
