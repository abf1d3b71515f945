import { setTimeout as delay } from 'node:timers/promises';
import { readMetrics, residentBytes } from '../process.ts';
import { mebibytes, print, printRow, verdict } from '../table.ts';
import { trend, type WatchedGateway } from '../watch.ts';
import type { FaultPlan } from './faults.ts';
import type { Judge } from './judge.ts';

/** What was left in the gateway at a moment of the load. */
interface Sample {
  readonly second: number;
  readonly heapBytes: number;
  readonly requests: number;
}

/** Lets the load run, looks at the gateway again and again, and prints a line each time. */
export async function watchLoad(gateway: WatchedGateway, judge: Judge, faults: FaultPlan, seconds: number) {
  // At least twenty figures for the trend, however short.
  const stepSeconds = Math.min(10, seconds / 20);
  const samples: Sample[] = [];
  const begin = performance.now();
  const lag = watchLag();
  let cpu = await readCpu(gateway);
  printRow(
    ['second', 'requests', 'violations', 'heap', 'RSS', 'CPU', 'sockets', 'timers', 'late', '  errors; fault'],
    11,
  );
  for (let step = 1; step <= Math.round(seconds / stepSeconds); step++) {
    await delay(Math.max(0, begin + step * stepSeconds * 1000 - performance.now()));
    const now = await readCpu(gateway);
    const { heapBytes, resources } = await gateway.use();
    const second = (performance.now() - begin) / 1000;
    samples.push({ second, heapBytes, requests: judge.requests });
    printRow(
      [
        second.toFixed(0),
        String(judge.requests),
        String(judge.violations),
        mebibytes(heapBytes, 2),
        mebibytes((await residentBytes(gateway)).now),
        `${(((now.cpuSeconds - cpu.cpuSeconds) / (now.at - cpu.at)) * 100).toFixed(0)} %`,
        String(resources.TCPSocketWrap ?? 0),
        String(resources.Timeout ?? 0),
        `${lag.most().toFixed(0)} ms`,
        `  ${countsOf(judge.codes)}; ${faults.current}`,
      ],
      11,
    );
    cpu = now;
  }
  lag.stop();
  return samples.filter(({ second }) => second >= seconds / 2);
}

/** The smallest leak that counts, in bytes a request: one small object. */
const smallestLeak = 48;

/** Whether the heap does not grow, but for chance. */
export function judgeHeap(samples: readonly Sample[]): boolean {
  const [first, last] = [samples.at(0), samples.at(-1)];
  if (!first || !last) return verdict(false, 'the heap was looked at');
  const { slope, error } = trend(samples.map(({ second, heapBytes }) => [second, heapBytes]));
  const span = last.second - first.second;
  const requests = last.requests - first.requests;
  const chance = 3 * error * span;
  const tolerance = smallestLeak * requests + chance;
  print(
    `\nThe heap may grow by ${smallestLeak} bytes for each of ${requests} requests, and by three standard errors of its ` +
      `trend, which are ${mebibytes(chance, 2)}; a leak of ${Math.round((2 * chance) / requests + smallestLeak)} bytes a request would be seen for sure.`,
  );
  return verdict(
    slope * span <= tolerance,
    `in the second half the heap grew by ${mebibytes(slope * span, 2)}, at most ${mebibytes(tolerance, 2)}`,
  );
}

function countsOf(codes: Readonly<Record<string, number>>): string {
  return (
    Object.entries(codes)
      .map(([code, count]) => `${count} ${code}`)
      .join(', ') || 'none'
  );
}

async function readCpu({ url }: WatchedGateway): Promise<{ at: number; cpuSeconds: number }> {
  const { process_cpu_seconds_total: cpuSeconds = Number.NaN } = await readMetrics(url);
  return { at: performance.now() / 1000, cpuSeconds };
}

/** How late this process was, at most, since it was last asked, in milliseconds. */
function watchLag(): { most(): number; stop(): void } {
  const stepMs = 50;
  let most = 0;
  let due = performance.now() + stepMs;
  const clock = setInterval(() => {
    most = Math.max(most, performance.now() - due);
    due = performance.now() + stepMs;
  }, stepMs);
  return {
    most() {
      const since = most;
      most = 0;
      return since;
    },
    stop: () => clearInterval(clock),
  };
}
