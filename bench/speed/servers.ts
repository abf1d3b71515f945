import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join, resolve } from 'node:path';
import type { BenchQuery, QueryName } from './queries.ts';
import { regions } from './rows.ts';

/** A server that can be measured. */
export interface ServerKind {
  readonly title: string;
  /** Another product: what this gateway is held against. */
  readonly isPeer: boolean;
  /** So slow that fewer measurements are made of it: how fast it is depends little on the moment. */
  readonly isSlow?: true;
  /** The program and its arguments; it listens on PORT, which is in its environment too. */
  readonly command: (port: number, upstream: string) => readonly string[];
  readonly environment?: (upstream: string) => Readonly<Record<string, string>>;
  /** Queries that it cannot answer. */
  readonly lacks?: readonly QueryName[];
  /** How it is told the tenant; `x-tenant-id` if left out. */
  readonly headers?: (tenant: string) => Readonly<Record<string, string>>;
  /** Puts right what its schema language cannot say, before its answer is compared. */
  readonly normalize?: (data: unknown) => unknown;
  /** What is put right, in words. */
  readonly note?: string;
  /** Where it answers a query; `/graphql` if left out. */
  readonly path?: (query: QueryName) => string;
}

const node = process.execPath;
const here = (name: string) => new URL(name, import.meta.url).pathname;

const leavesWords = 'leaves words, times and yes or no as the upstream has them';

export const servers = {
  bare: { title: 'bare', isPeer: false, command: () => [node, here('bare.ts')], path: (query) => `/${query}` },
  ours: gatewayIn(here('../..'), 'this gateway'),
  mercurius: { title: 'Mercurius', isPeer: true, command: () => [node, here('peers/mercurius.ts')] },
  tailcall: {
    title: 'Tailcall',
    isPeer: true,
    isSlow: true,
    command: (port, upstream) => [
      here('../node_modules/@tailcallhq/core-linux-x64-gnu/bin/tailcall'),
      'start',
      tailcallConfig(port, upstream),
    ],
    environment: () => ({ TAILCALL_TRACKER: 'false', LOG_LEVEL: 'ERROR', NO_COLOR: '1' }),
    headers: (tenant) => ({ tenant }),
    lacks: ['merged'],
    normalize: readWords,
    note: `${leavesWords}, and answers several callers with what it asked for one of them`,
  },
  hive: {
    title: 'Hive Gateway',
    isPeer: true,
    isSlow: true,
    command: () => [node, here('peers/hive.ts')],
    normalize: readWords,
    note: leavesWords,
  },
  apollo: {
    title: 'Apollo Server',
    isPeer: true,
    isSlow: true,
    command: () => [node, here('peers/apollo.ts')],
    path: () => '/',
  },
} as const satisfies Record<string, ServerKind>;

export type ServerName = keyof typeof servers;

// The keys of an object literal are those of its type.
export const serverNames = Object.keys(servers) as ServerName[];

/** This gateway, from a folder with a checkout and its packages. */
export function gatewayIn(folder: string, title: string): ServerKind {
  return {
    title,
    isPeer: false,
    // As `npm start` and the image start it.
    command: () => [node, '--v8-pool-size=1', resolve(folder, 'src/main.ts')],
    environment: (upstream) => ({
      HOST: '127.0.0.1',
      REGIONS: regions.map((region) => `${region}=${upstream}/${region}`).join(','),
    }),
  };
}

/** Tailcall takes its port and the upstream's address from its configuration only: a copy with both filled in. */
function tailcallConfig(port: number, upstream: string): string {
  const file = join(mkdtempSync(join(tmpdir(), 'bench-')), 'tailcall.graphql');
  const config = readFileSync(here('peers/tailcall.graphql'), 'utf8');
  writeFileSync(file, config.replace('port: 8000', `port: ${port}`).replaceAll('http://upstream', upstream));
  return file;
}

/** Upper-case words, yes or no, and times as this gateway writes them, out of the upstream's own. */
function readWords(data: unknown): unknown {
  return JSON.parse(JSON.stringify(data), (key, value) => {
    if (key === 'status') return value.toUpperCase().replaceAll('-', '_');
    if (key === 'bootable') return value === 'true';
    return key === 'createdAt' ? `${value.slice(0, 23)}Z` : value;
  });
}

/** The headers of a request on behalf of somebody. */
export function headersOf({ headers }: ServerKind, token: string, tenant: string): Record<string, string> {
  return { 'x-auth-token': token, ...(headers?.(tenant) ?? { 'x-tenant-id': tenant }) };
}

/** The body of the request that asks a query. */
export function bodyOf({ query, variables }: BenchQuery): string {
  return JSON.stringify({ query, variables });
}

export const canAnswer = ({ lacks }: ServerKind, query: QueryName) => !lacks?.includes(query);
