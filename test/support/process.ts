import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import type { Simulator } from '../../src/simulator/server.ts';

/** The gateway as a process of its own, as it is started in production. On disposal it is killed if it still runs. */
export interface GatewayProcess extends AsyncDisposable {
  readonly child: ChildProcess;
  /** Such as `http://localhost:4000`; rejects when it ends without having listened. */
  readonly listening: Promise<string>;
  /** What it has written so far. */
  readonly output: string;
  readonly ended: Promise<Ending>;
}

/** How a process ended: by a code of its own, or by a signal that it did not handle. */
interface Ending {
  readonly code: number | null;
  readonly signal: NodeJS.Signals | null;
  readonly output: string;
}

/** @param preload JavaScript that runs in the process before the gateway does. */
export function start(environment: Readonly<Record<string, string>>, preload?: string): GatewayProcess {
  const preloading = preload === undefined ? [] : ['--import', `data:text/javascript,${encodeURIComponent(preload)}`];
  const child = spawn(process.execPath, [...preloading, 'src/main.ts'], {
    cwd: new URL('../..', import.meta.url),
    env: { PATH: process.env.PATH, ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  const listening = Promise.withResolvers<string>();
  for (const stream of [child.stdout, child.stderr]) {
    stream.on('data', (chunk) => {
      output += chunk;
      const url = /"url":"(.*)\/graphql"/.exec(output)?.[1];
      if (url) listening.resolve(url);
    });
  }
  // Not before its streams are read to the end, so that the output is whole.
  const ended = once(child, 'close').then(([code, signal]): Ending => {
    listening.reject(new Error(`The gateway ended before it listened:\n${output}`));
    return { code, signal, output };
  });
  // Who waits for the end alone has no use for it.
  listening.promise.catch(() => {});
  return {
    child,
    listening: listening.promise,
    get output() {
      return output;
    },
    ended,
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

/** Starts it over simulated regions, on a free port of 127.0.0.1. */
export function startOver(
  { endpoints }: Pick<Simulator, 'endpoints'>,
  environment: Readonly<Record<string, string>> = {},
  preload?: string,
): GatewayProcess {
  const regions = Object.entries(endpoints).map(([code, endpoint]) => `${code}=${endpoint}`);
  return start({ PORT: '0', HOST: '127.0.0.1', REGIONS: regions.join(','), ...environment }, preload);
}

/** The port that it listens on, as soon as it does. */
export async function portOf({ listening }: GatewayProcess): Promise<number> {
  return Number(new URL(await listening).port);
}

/** What `/ready` says. */
export async function readyStatus(port: number): Promise<number> {
  return (await fetch(`http://127.0.0.1:${port}/ready`)).status;
}

/** For `start`: has the process tell of every connection as it is accepted. */
export const tellAccepted = `
  import { subscribe } from 'node:diagnostics_channel';
  import { writeSync } from 'node:fs';
  subscribe('net.server.socket', ({ socket }) => writeSync(1, 'accepted ' + socket.remotePort + '\\n'));`;

/** The clients' ports of the connections that were accepted. */
export function acceptedPorts({ output }: GatewayProcess): Set<number> {
  return new Set(Array.from(output.matchAll(/^accepted (\d+)$/gm), ([, port]) => Number(port)));
}
