import { type Load, runLoad, type Tally } from './load.ts';
import { readNothing } from './slow-readers.ts';

/** What a gateway of its own must bear within its limit, twice. */
export interface Row {
  readonly name: string;
  /** In place of the region JP1. */
  readonly jp1?: 'endless';
  readonly run: (url: string) => Promise<Tally>;
  /** The least number of requests that must be answered. */
  readonly least: number;
}

const names = `{ volumes(first: 1000) { nodes { name } failures { region { code } code message retryAfter } } }`;
const metadata = '{ region(code: KR1) { volumes(first: 1000) { nodes { metadata } } } }';

/** A thousand volumes in each region, in one page. */
const tenantOf = (mebibytes: number) => `rows-1000-kib-${mebibytes * 1024}`;

const load = (mebibytes: number, more: Partial<Load>) => (url: string) =>
  runLoad({ url, query: names, tenant: tenantOf(mebibytes), callers: 1, together: 120, requests: 240, ...more });

/** Where its calls time out the gateway leaves the region alone for a while, which is UPSTREAM_UNAVAILABLE. */
const failing = { region: 'jp1', codes: ['UPSTREAM_ERROR', 'UPSTREAM_TIMEOUT', 'UPSTREAM_UNAVAILABLE'] };

export const rows: readonly Row[] = [
  ...[1, 3, 8, 30].flatMap((mebibytes) => [
    { name: `${mebibytes}-one`, run: load(mebibytes, { callers: 1 }), least: 1 },
    { name: `${mebibytes}-many`, run: load(mebibytes, { callers: 100 }), least: 1 },
  ]),
  { name: '30-alone', run: load(30, { together: 1, requests: 1 }), least: 1 },
  { name: '8-again', run: load(8, { requests: 120, againForMs: 60_000 }), least: 120 },
  { name: 'endless', jp1: 'endless', run: load(1, { failing }), least: 1 },
  {
    name: 'slow',
    run: (url) =>
      readNothing({ url, query: metadata, tenant: tenantOf(10), callers: 100, together: 500, requests: 500 }),
    least: 1,
  },
];
