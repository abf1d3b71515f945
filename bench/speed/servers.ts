import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtempSync, readFileSync, writeFileSync } from 'node:fs';
import { connect, createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { setTimeout } from 'node:timers/promises';
import { onCore } from './machine.ts';
import type { BenchQuery, QueryName } from './queries.ts';
import { regions } from './rows.ts';
import type { Mood } from './upstream.ts';

/** A server that can be measured. */
export interface ServerKind {
  readonly title: string;
  readonly isPeer: boolean;
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
  ours: {
    title: 'this gateway',
    isPeer: false,
    command: () => [node, here('../../src/main.ts')],
    environment: (upstream) => ({
      HOST: '127.0.0.1',
      REGIONS: regions.map((region) => `${region}=${upstream}/${region}`).join(','),
    }),
  },
  mercurius: { title: 'Mercurius', isPeer: true, command: () => [node, here('peers/mercurius.ts')] },
  tailcall: {
    title: 'Tailcall',
    isPeer: true,
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
    command: () => [node, here('peers/hive.ts')],
    normalize: readWords,
    note: leavesWords,
  },
  apollo: { title: 'Apollo Server', isPeer: true, command: () => [node, here('peers/apollo.ts')], path: () => '/' },
} as const satisfies Record<string, ServerKind>;

export type ServerName = keyof typeof servers;

// The keys of an object literal are those of its type.
export const serverNames = Object.keys(servers) as ServerName[];

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

/** A server that listens, on a core of its own. */
export interface RunningServer extends AsyncDisposable {
  readonly name: ServerName;
  readonly kind: ServerKind;
  readonly port: number;
  readonly pid: number;
}

/** Starts a server as in production; what it logs is thrown away. */
export async function startServer(name: ServerName, upstream: string, core: number): Promise<RunningServer> {
  const kind: ServerKind = servers[name];
  const port = await freePort();
  const [program = '', ...parameters] = onCore(core, kind.command(port, upstream));
  const child = spawn(program, parameters, {
    env: {
      PATH: process.env.PATH,
      NODE_ENV: 'production',
      PORT: String(port),
      UPSTREAM: upstream,
      ...kind.environment?.(upstream),
    },
    stdio: ['ignore', 'ignore', 'inherit'],
  });
  await untilListening(child, port, name);
  // taskset becomes the program that it starts.
  return { name, kind, port, pid: child.pid ?? 0, [Symbol.asyncDispose]: () => stop(child) };
}

/** The canned upstream. */
export interface RunningUpstream extends AsyncDisposable {
  readonly url: string;
  readonly pid: number;
  /** How it answers from now on. @returns how many calls it has answered since it was last told. */
  set(mood: Mood): Promise<number>;
}

export async function startUpstream(): Promise<RunningUpstream> {
  // It inherits the core of this process.
  const child = fork(here('upstream.ts'));
  const [url] = await once(child, 'message');
  return {
    url: String(url),
    pid: child.pid ?? 0,
    async set(mood) {
      child.send(mood);
      const [calls] = await once(child, 'message');
      return Number(calls);
    },
    [Symbol.asyncDispose]: () => stop(child),
  };
}

/** The headers of a request on behalf of somebody. */
export function headersOf({ headers }: ServerKind, token: string, tenant: string): Record<string, string> {
  return { 'x-auth-token': token, ...(headers?.(tenant) ?? { 'x-tenant-id': tenant }) };
}

/** The body of the request that asks a query. */
export function bodyOf({ query, variables }: BenchQuery): string {
  return JSON.stringify({ query, variables });
}

async function untilListening(child: ChildProcess, port: number, name: string): Promise<void> {
  const until = performance.now() + 60_000;
  while (!(await isListening(port))) {
    if (child.exitCode !== null) throw new Error(`${name} has ended before it listened`);
    if (performance.now() > until) throw new Error(`${name} does not listen`);
    await setTimeout(50);
  }
}

function isListening(port: number): Promise<boolean> {
  return new Promise((resolve) => {
    const socket = connect(port, '127.0.0.1');
    socket.once('connect', () => resolve(true)).once('error', () => resolve(false));
    socket.once('connect', () => socket.destroy());
  });
}

async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const address = server.address();
  server.close();
  await once(server, 'close');
  if (address === null || typeof address === 'string') throw new Error('no port');
  return address.port;
}

async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = once(child, 'exit');
  child.kill('SIGKILL');
  await exit;
}
