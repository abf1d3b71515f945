import { compareValues, type Value } from './collation.ts';
import { type CallError, invalidInput } from './error.ts';
import type { Page, SortKey } from './query.ts';
import { withTieBreakers } from './query.ts';

/** How the rows of one noun are ordered and found. */
export interface Listing<Row> {
  /** What each sort key reads; a key that is not here is refused. */
  readonly columns: Readonly<Record<string, (row: Row) => Value>>;
  /** The row a marker names, of whichever tenant; throws when an unknown marker is refused. */
  readonly find: (marker: string) => Row | undefined;
  readonly ignoreCase: boolean;
}

/** The rows of one page, in order, after the marker and after the offset (FACTS 16, 17, 19, 21). */
export function pageOf<Row>(rows: readonly Row[], sort: readonly SortKey[], page: Page, listing: Listing<Row>): Row[] {
  const keys = withTieBreakers(sort);
  const marker = page.marker === undefined ? undefined : listing.find(page.marker);
  const compare = comparator(keys, listing);
  const ordered = rows.filter((row) => marker === undefined || compare(row, marker) > 0).sort(compare);
  return ordered.slice(page.offset, page.offset + page.limit);
}

/**
 * The next link of a page, which is there when the page is full, also when nothing follows (FACTS 18). It keeps the
 * whole query, the offset too, with the marker at its end (FACTS 19).
 */
export function nextLink(
  shown: readonly { readonly id: string }[],
  page: Page,
  query: URLSearchParams,
  address: string,
): object[] | undefined {
  const last = shown.at(-1);
  if (last === undefined || shown.length < page.limit) return undefined;
  const next = new URLSearchParams(query);
  next.delete('marker');
  next.append('marker', last.id);
  return [{ rel: 'next', href: `${address}?${next.toString()}` }];
}

function comparator<Row>(keys: readonly SortKey[], listing: Listing<Row>): (a: Row, b: Row) => number {
  const columns = keys.map(({ key, direction }) => {
    const read = Object.hasOwn(listing.columns, key) ? listing.columns[key] : undefined;
    if (!read) throw unknownKey();
    return { read, sign: direction === 'asc' ? 1 : -1 };
  });
  return (a, b) => {
    for (const { read, sign } of columns) {
      const order = compareValues(read(a), read(b), listing.ignoreCase);
      if (order !== 0) return order * sign;
    }
    return 0;
  };
}

function unknownKey(): CallError {
  return invalidInput('Invalid sort key');
}
