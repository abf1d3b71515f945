import { LRUCache } from 'lru-cache';
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
export interface KeptPages {
  find(key: string): KeptPage | undefined;
  /**
   * To be called when a page is decoded completely. Returns whether to keep it: not if it is read for the first time, and
   * less and less often if most of its rows had always changed by the next time.
   */
  isDue(key: string): boolean;
  /** Keeps a page if its owner, who is charged for it, has room. If not, the page is due less often. */
  keep(key: string, owner: string, page: KeptPage): void;
  /** To be called when rows of a kept page could be used. */
  noteUsed(key: string): void;
  /** To be called when most of a kept page has changed. Drops the page. */
  noteWasted(key: string): void;
  /** The source of rows that outlive their request. Their warnings name no request. */
  sourceOf(region: Region): RowSource;
  /** Stops the sweep of idle pages. */
  close(): void;
}

const bounds = {
  /** Milliseconds after its last use at which a page is released, and milliseconds between two sweeps. */
  idleMs: 60_000,
  sweepMs: 2_000,
  /** The number of pages whose history is kept. */
  seen: 10_000,
  /** Back-off: after n keeps that were of no use, one reading in 2^n is kept, with n up to this. */
  wasted: 6,
};

interface History {
  /** How often the page was decoded completely since it was kept last. */
  passed: number;
  /** The number of keeps in a row that were of no use. */
  wasted: number;
}

interface Entry {
  readonly owner: string;
  readonly page: KeptPage;
}

/** @param mostBytes of all pages. An owner may take as much as it leaves free, so one alone may have half. */
export function createKeptPages(mostBytes: number, warn: (message: string, region: string) => void): KeptPages {
  const backOff = createBackOff();
  const taken = new Map<string, number>();
  const pages = new LRUCache<string, Entry>({
    maxSize: mostBytes,
    ttl: bounds.idleMs,
    updateAgeOnGet: true,
    sizeCalculation: ({ page }) => bytesOf(page),
    dispose: ({ owner, page }) => take(owner, -bytesOf(page)),
  });
  const sources = new Map<Region, RowSource>();
  // An idle page holds memory and a part of its owner's share, so it is released even if no more requests arrive.
  const sweep = setInterval(() => pages.purgeStale(), bounds.sweepMs).unref();

  function take(owner: string, bytes: number): void {
    const now = (taken.get(owner) ?? 0) + bytes;
    if (now > 0) taken.set(owner, now);
    else taken.delete(owner);
  }

  return {
    find: (key) => pages.get(key)?.page,
    isDue: backOff.isDue,
    keep(key, owner, page) {
      pages.delete(key);
      const size = bytesOf(page);
      if ((taken.get(owner) ?? 0) + size > mostBytes - pages.calculatedSize - size) {
        // Otherwise each reading would copy the body for nothing.
        backOff.noteWasted(key);
        return;
      }
      take(owner, size);
      pages.set(key, { owner, page });
    },
    noteUsed: backOff.noteUsed,
    noteWasted(key) {
      pages.delete(key);
      backOff.noteWasted(key);
    },
    sourceOf(region) {
      const known = sources.get(region);
      if (known) return known;
      const source = { region, keepsTexts: true, warn: (message: string) => warn(message, region.code) };
      sources.set(region, source);
      return source;
    },
    close: () => clearInterval(sweep),
  };
}

/** Decides by the history of each page when the page is kept. */
function createBackOff() {
  const seen = new LRUCache<string, History>({ max: bounds.seen, ttl: bounds.idleMs, updateAgeOnGet: true });
  return {
    isDue(this: void, key: string): boolean {
      const history = seen.get(key);
      if (history) return ++history.passed >= 2 ** history.wasted;
      seen.set(key, { passed: 0, wasted: 0 });
      return false;
    },
    noteUsed(this: void, key: string): void {
      const history = seen.get(key);
      if (history) history.wasted = 0;
    },
    noteWasted(this: void, key: string): void {
      const history = seen.get(key);
      if (!history) return;
      history.passed = 0;
      history.wasted = Math.min(history.wasted + 1, bounds.wasted);
    },
  };
}

/** Bytes that a row holds beside the bytes of the body: the object, what was decoded of it, and the texts written of it. */
const bytesOfRow = 1_000;

/** The size of a page, as estimated. It holds its bytes twice: as the body, and as the text that rows are decoded from. */
function bytesOf({ body, rows }: KeptPage): number {
  return 2 * body.length + bytesOfRow * rows.length;
}
