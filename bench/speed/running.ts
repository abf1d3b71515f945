import { type ChildProcess, fork, spawn } from 'node:child_process';
import { once } from 'node:events';
import { connect, createServer } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { Mood } from './kinds.ts';
import { onCore } from './machine.ts';
import type { ServerKind } from './servers.ts';

/** A server that listens, on a core of its own. */
export interface RunningServer extends AsyncDisposable {
  readonly kind: ServerKind;
  readonly port: number;
  readonly pid: number;
}

/** Starts a server as in production; what it logs is thrown away. */
export async function startServer(kind: ServerKind, upstream: string, core: number): Promise<RunningServer> {
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
  await untilListening(child, port, kind.title);
  // taskset becomes the program that it starts.
  return { kind, port, pid: child.pid ?? 0, [Symbol.asyncDispose]: () => stop(child) };
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
  const child = fork(new URL('upstream.ts', import.meta.url).pathname);
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

async function untilListening(child: ChildProcess, port: number, title: string): Promise<void> {
  const until = performance.now() + 60_000;
  while (!(await isListening(port))) {
    if (child.exitCode !== null) throw new Error(`${title} has ended before it listened`);
    if (performance.now() > until) throw new Error(`${title} does not listen`);
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
