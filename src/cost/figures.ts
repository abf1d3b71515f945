import { manyIds } from '../block-storage/page.ts';
import type { Args, Condition, FieldCost, Figure, Scope } from './field-cost.ts';

/* The words for declaring what fields cost. */

/** The number of rows of a page if `first` is left out. */
export const pageSize = 50;

/** The most rows of a page. */
export const largestPage = 1000;

/** The assumed length of a list that is short, although nothing bounds it. */
export const shortList = 10;

/** The length of a list of the rows of a page. */
export const ofPage: Figure = (_args, { page }) => page;

/** The page of a connection. A negative number is refused when the field is executed; it must not make up for other lists. */
export const byFirst: Figure = ({ first }) => (typeof first === 'number' ? Math.max(0, first) : pageSize);

/** The regions of the argument `regions`: all if it is left out. */
export const ofEachRegion = ({ regions }: Args, scope: Scope): number => countOf(regions) ?? scope.regions;

/** The entries of the list in an argument. */
export function entriesOf(argument: string, most = Number.POSITIVE_INFINITY): Figure {
  return (args) => Math.min(countOf(args[argument]) ?? 1, most);
}

/** The entries of the member `ids` of the argument `input`. */
export const idsOfInput: Figure = ({ input }) => countOf(memberOf(input, 'ids')) ?? 1;

/** A relation of few objects is read one by one; of many it is read as a list. */
export const ofMany: Condition = (_args, { parents }) => parents >= manyIds;

/** Whether a total is counted by a scan of its own: as the connection declares it. */
export const ofTotal: Condition = (_args, { totalScans }) => totalScans;

/** One page of the list of one region, with a filter. */
export const listOfRegion = {
  calls: 1,
  page: byFirst,
  scans: ({ filter }: Args) => isScanned(filter),
  // The scan for a filter counts the matching rows too.
  totalScans: ({ filter }: Args) => filter == null,
} satisfies FieldCost;

/** One page of the lists of several regions, merged, with a filter. The rows that an offset leaves out are read. */
export const listOfRegions: FieldCost = {
  ...listOfRegion,
  calls: ofEachRegion,
  regions: ofEachRegion,
  scans: (args, scope) => isScanned(args.filter) || (isPositive(args.offset) && ofEachRegion(args, scope) > 1),
};

/** Whether a list is read to its end for a filter. A filter that names few identifiers looks these up. */
function isScanned(filter: unknown): boolean {
  return filter != null && (countOf(memberOf(filter, 'uuids')) ?? manyIds) >= manyIds;
}

function isPositive(value: unknown): boolean {
  return typeof value === 'number' && value > 0;
}

/** The length of a list; null if it is left out. */
function countOf(list: unknown): number | null {
  return Array.isArray(list) ? list.length : null;
}

function memberOf(input: unknown, member: string): unknown {
  return typeof input === 'object' && input !== null ? Reflect.get(input, member) : undefined;
}
