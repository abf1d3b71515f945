import { spawnSync } from 'node:child_process';
import { readdirSync, readFileSync, writeFileSync } from 'node:fs';
import { cpus } from 'node:os';

/*
 * What Linux tells of processes and cores, in /proc.
 */

/** Lines of a program that keeps a process on one core. */
export const onCore = (core: number, command: readonly string[]) => ['taskset', '-c', String(core), ...command];

/** Keeps this process, with all its threads, on a core. @throws where the machine has no such core, or no taskset. */
export function moveTo(core: number): void {
  const { status, error, stderr } = spawnSync('taskset', ['-a', '-c', '-p', String(core), String(process.pid)], {
    encoding: 'utf8',
  });
  if (status !== 0) throw new Error(`taskset cannot keep the bench on core ${core}: ${error?.message ?? stderr}`);
}

export function describeMachine(): string {
  const all = cpus();
  return `${all.length} cores, ${all[0]?.model.trim() ?? 'unknown'}`;
}

/** A process and all that it started. */
export function processTree(root: number): number[] {
  const children = readdirSync(`/proc/${root}/task`).flatMap((thread) =>
    readFileSync(`/proc/${root}/task/${thread}/children`, 'latin1').trim().split(' '),
  );
  return [root, ...children.filter((pid) => pid !== '').flatMap((pid) => processTree(Number(pid)))];
}

/** Milliseconds of processor time that processes have used, in user and system mode, in all their threads that live. */
export function cpuMilliseconds(pids: readonly number[]): number {
  const nanoseconds = pids.flatMap((pid) =>
    readdirSync(`/proc/${pid}/task`).map((thread) => nanosecondsOf(`/proc/${pid}/task/${thread}/schedstat`)),
  );
  return nanoseconds.reduce((sum, ran) => sum + ran, 0) / 1e6;
}

/** The time that a thread ran; 0 if it ends while it is looked for. */
function nanosecondsOf(file: string): number {
  try {
    return Number(readFileSync(file, 'latin1').split(' ')[0]);
  } catch {
    return 0;
  }
}

/** Bytes that a process had in memory at most, all its children's added up. */
export function peakBytes(pids: readonly number[]): number {
  return pids.reduce((sum, pid) => {
    const [, kilobytes] = /^VmHWM:\s+(\d+) kB$/m.exec(readFileSync(`/proc/${pid}/status`, 'latin1')) ?? [];
    return sum + Number(kilobytes) * 1024;
  }, 0);
}

/** From now on `peakBytes` is of what comes. */
export function forgetPeak(pids: readonly number[]): void {
  for (const pid of pids) writeFileSync(`/proc/${pid}/clear_refs`, '5');
}

/** Milliseconds that a core was busy since the machine started, with whatever. */
export function busyMilliseconds(core: number): number {
  const [, line = ''] = new RegExp(`^cpu${core} (.*)$`, 'm').exec(readFileSync('/proc/stat', 'latin1')) ?? [];
  const [user = 0, nice = 0, system = 0, , , irq = 0, softirq = 0] = line.split(' ').map(Number);
  return (user + nice + system + irq + softirq) * tickMs;
}

/** /proc counts in hundredths of a second on every Linux that Node runs on. */
const tickMs = 10;
