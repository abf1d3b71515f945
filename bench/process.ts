import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readdir, readFile, writeFile } from 'node:fs/promises';
import { get, type IncomingMessage } from 'node:http';
import { createServer } from 'node:net';
import { availableParallelism } from 'node:os';
import { fileURLToPath } from 'node:url';

/* Processes of the benches: starting them, asking them, what they take, stopping them. */

/** A process that was started with `startPeer`, and what it said when it was ready. */
export interface Peer<Ready> {
  readonly child: ChildProcess;
  readonly ready: Ready;
  /** Asks what the other side answers by `answerParent`. */
  readonly ask: <Answer>(kind: string, question?: object) => Promise<Answer>;
}

export interface StartOptions {
  /** Options of node. */
  readonly flags?: readonly string[];
  readonly environment?: Readonly<Record<string, string>>;
  /** The core it runs on, alone or with others that were told so; any when left out. */
  readonly core?: number | undefined;
  /** Directory of a cgroup that it is born in, so that it finds its limits when it starts. */
  readonly group?: string | undefined;
}

/** True where processes can be given a core of their own. */
export const canPin = process.platform === 'linux' && availableParallelism() > 1;

/** Starts a file of this folder that ends with `answerParent`. */
export async function startPeer<Ready>(file: string, options: StartOptions = {}): Promise<Peer<Ready>> {
  const child = spawnNode(file, options, ['ignore', 'inherit', 'inherit', 'ipc']);
  const ready = await new Promise<Ready>((resolve, reject) => {
    child.once('exit', (code) => reject(new Error(`${file} ended with ${code} before it was ready`)));
    child.once('message', ({ ready }: { ready: Ready }) => resolve(ready));
  });
  let last = 0;
  return {
    child,
    ready,
    ask<Answer>(kind: string, question: object = {}): Promise<Answer> {
      const id = ++last;
      return new Promise((resolve, reject) => {
        const hear = (message: { id: number; answer: Answer; error?: string }) => {
          if (message.id === id)
            end(() => (message.error ? reject(new Error(message.error)) : resolve(message.answer)));
        };
        const lose = () => end(() => reject(new Error(`${file} has ended`)));
        const end = (tell: () => void) => {
          child.off('message', hear).off('exit', lose);
          tell();
        };
        child.on('message', hear).once('exit', lose);
        child.send({ id, kind, question });
      });
    },
  };
}

/** The other side of `startPeer`: says that it is ready, then answers what it is asked, until its parent ends. */
export function answerParent(ready: unknown, answers: Readonly<Record<string, (question: never) => unknown>>): void {
  async function answer({ id, kind, question }: { id: number; kind: string; question: never }): Promise<void> {
    try {
      process.send?.({ id, answer: await answers[kind]?.(question) });
    } catch (error) {
      process.send?.({ id, error: error instanceof Error ? error.stack : String(error) });
    }
  }
  // The parent sends nothing else.
  process.on('message', (message) => void answer(message as Parameters<typeof answer>[0]));
  process.once('disconnect', () => process.exit());
  process.send?.({ ready });
}

/** Runs a file, named as seen from this folder. */
export function spawnNode(
  file: string,
  { flags = [], environment = {}, core, group }: StartOptions,
  stdio: ('ignore' | 'inherit' | 'pipe' | 'ipc')[],
): ChildProcess {
  const words = [process.execPath, ...flags, fileURLToPath(new URL(file, import.meta.url))];
  const pinned = core === undefined || !canPin ? words : ['taskset', '-c', String(core), ...words];
  const grouped =
    group === undefined ? pinned : ['sh', '-c', 'echo $$ >"$0/cgroup.procs" && exec "$@"', group, ...pinned];
  const [command = '', ...rest] = grouped;
  return spawn(command, rest, { env: { ...process.env, ...environment }, stdio, serialization: 'advanced' });
}

export async function stop(child: ChildProcess): Promise<void> {
  if (child.exitCode !== null || child.signalCode !== null) return;
  const exit = new Promise((resolve) => child.once('exit', resolve));
  child.kill();
  await exit;
}

/** A gateway's process, and any URL of it. */
interface RunningGateway {
  readonly child: ChildProcess;
  readonly url: string;
}

/** Bytes that a gateway has in memory, and the most it had since `forgetPeak`, where the system tells. */
export async function residentBytes({ child, url }: RunningGateway): Promise<{ now: number; peak: number }> {
  const status = await readFile(`/proc/${child.pid}/status`, 'utf8').catch(() => null);
  if (status === null) return { now: (await readMetrics(url)).process_resident_memory_bytes ?? NaN, peak: NaN };
  const read = (name: string) => Number(new RegExp(`^${name}:\\s+(\\d+) kB$`, 'm').exec(status)?.[1]) * 1024;
  return { now: read('VmRSS'), peak: read('VmHWM') };
}

/**
 * Seconds for which others had the core that a process was to have for itself, so far; NaN where the system does not
 * tell. Its main thread waits for its other threads too, such as those that collect garbage: that does not count.
 */
export async function secondsWithoutCore({ pid }: ChildProcess): Promise<number> {
  const threads = await readdir(`/proc/${pid}/task`).catch(() => []);
  const schedules = await Promise.all(
    threads.map(async (thread) => {
      const schedule = await readFile(`/proc/${pid}/task/${thread}/schedstat`, 'utf8').catch(() => '');
      const [ran = 0, waited = Number.NaN] = schedule.split(' ').map(Number);
      return { isMain: thread === String(pid), ran, waited };
    }),
  );
  const waited = schedules.find(({ isMain }) => isMain)?.waited ?? Number.NaN;
  const own = schedules.reduce((sum, { isMain, ran }) => sum + (isMain ? 0 : ran), 0);
  return (waited - own) / 1e9;
}

/** What `residentBytes` calls the peak begins anew. */
export async function forgetPeak({ child: { pid } }: RunningGateway): Promise<void> {
  await writeFile(`/proc/${pid}/clear_refs`, '5').catch(() => {});
}

/** What a gateway tells of itself, asked on a connection that is closed again: every figure of Prometheus by its name. */
export async function readMetrics(url: string): Promise<Readonly<Record<string, number>>> {
  const [response]: IncomingMessage[] = await once(get(new URL('/metrics', url), { agent: false }), 'response');
  const text = (await response?.setEncoding('utf8').toArray())?.join('') ?? '';
  return Object.fromEntries(
    Array.from(text.matchAll(/^(\w+(?:\{.*\})?) (\S+)$/gm), ([, name, value]) => [name, Number(value)]),
  );
}

/** A port that was free a moment ago. */
export function freePort(): Promise<number> {
  return new Promise((resolve) => {
    const server = createServer().listen(0, '127.0.0.1', () => {
      const address = server.address();
      server.close(() => resolve(typeof address === 'object' ? (address?.port ?? 0) : 0));
    });
  });
}
