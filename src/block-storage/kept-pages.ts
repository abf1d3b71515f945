import { createOwnedCache, type OwnedCache } from '../kept/owned-cache.ts';
import type { Region } from '../regions.ts';
import type { Wire } from './decode.ts';
import type { Row, RowSource } from './row.ts';

/** A page of a list as it was read last. */
export interface KeptPage {
  /** The body of the answer. */
  readonly body: Buffer;
  /** The begin and end offset of each row in the body, in turn. */
  readonly spans: readonly number[];
  readonly rows: readonly Row[];
  /** The other members of the answer. */
  readonly rest: Wire;
}

/**
 * Pages that are read again and again. When a page comes again, only the rows whose bytes have changed are decoded; the
 * others are the objects of before, with what was written of them.
 *
 * A page is kept under its region, its tenant and its path with the query, and not under a token. That is enough because a
 * row of it is used only where its bytes stand in the answer that the caller has just received.
 */
export interface KeptPages extends Omit<OwnedCache<KeptPage>, 'keep'> {
  keep(key: string, owner: string, page: KeptPage): void;
  /** The source of rows that outlive their request. Their warnings name no request. */
  readonly sourceOf: (region: Region) => RowSource;
}

/** The part of the memory for pages that one owner may take: the pages of a list with 10,000 rows take 56 MB. */
const share = 1 / 2;

/** @param mostBytes of all pages. */
export function createKeptPages(mostBytes: number, warn: (message: string, region: string) => void): KeptPages {
  const sources = new Map<Region, RowSource>();
  const pages = createOwnedCache<KeptPage>({ mostBytes, share });
  return {
    ...pages,
    keep: (key, owner, page) => pages.keep(key, [owner], bytesOf(page), () => page),
    sourceOf(region) {
      const known = sources.get(region);
      if (known) return known;
      const source = { region, keepsTexts: true, warn: (message: string) => warn(message, region.code) };
      sources.set(region, source);
      return source;
    },
  };
}

/**
 * Bytes that a row holds beside the bytes of the body: the object, what was decoded of it, and up to three texts that were
 * written of it. With the longest texts that a row keeps it is twice as much.
 */
const bytesOfRow = 3_000;

/** The size of a page, as estimated. It holds its bytes twice: as the body, and as the text that rows are decoded from. */
function bytesOf({ body, rows }: KeptPage): number {
  return 2 * body.length + bytesOfRow * rows.length;
}
