import assert from 'node:assert/strict';
import type { ChildProcess } from 'node:child_process';
import { createInterface } from 'node:readline';
import { residentBytes, spawnNode, startPeer, stop } from '../process.ts';
import { mebibytes, print, printRow } from '../table.ts';

/*
 * How much memory the gateway needs to summarise few and many volumes. Upstream and gateway are processes of their
 * own, so that only the gateway's memory is measured; each number of rows gets a new gateway.
 *
 * While memory is plenty V8 lets garbage lie, so that RSS grows for a while with whatever is read. What does not grow
 * is what is alive: "alive" is the most that a full collection left on the heap. In a small heap RSS shows it too.
 */

const query = `{ storageSummary {
  total { count sizeGb } byStatus { status count } byVolumeType { name count }
} }`;

/** Options of V8, by what they are for. */
const heaps: Readonly<Record<string, readonly string[]>> = {
  'as V8 chooses': [],
  'a heap of 160 MB': ['--max-old-space-size=160', '--max-semi-space-size=8'],
};

/** A gateway that runs as in production, but for traces: of the calls it makes, and of V8's collections. */
interface Gateway {
  readonly child: ChildProcess;
  /** Ends with `/graphql`. */
  readonly url: string;
  /** Megabytes that each full collection so far has left on the heap. */
  readonly alive: number[];
}

async function startGateway(endpoint: string, heap: readonly string[]): Promise<Gateway> {
  const environment = {
    NODE_ENV: 'production',
    PORT: '0',
    HOST: '127.0.0.1',
    REGIONS: `kr1=${endpoint}`,
    REQUEST_TIMEOUT_MS: '600000',
    UPSTREAM_TIMEOUT_MS: '60000',
    GATEWAY_TRACE: 'true',
  };
  const options = { flags: ['--trace-gc', ...heap], environment };
  const child = spawnNode('../src/main.ts', options, ['ignore', 'pipe', 'inherit']);
  const alive: number[] = [];
  const url = await new Promise<string>((resolve, reject) => {
    child.once('exit', () => reject(new Error('the gateway has ended before it listened')));
    if (!child.stdout) throw new Error('stdout is piped');
    createInterface(child.stdout).on('line', (line) => {
      const [, left] = /Mark-Compact.* -> ([\d.]+) \(/.exec(line) ?? [];
      if (left) alive.push(Number(left));
      if (line.startsWith('{') && line.includes('"url"')) resolve(JSON.parse(line).url);
    });
  });
  return { child, url, alive };
}

async function summarize({ url }: Gateway, rows: number): Promise<{ calls: number; bytes: number }> {
  const response = await fetch(url, {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      'x-auth-token': 'bench',
      'x-tenant-id': `rows-${rows}`,
      'x-gateway-trace': '1',
    },
    body: JSON.stringify({ query }),
  });
  const { data, errors, extensions } = await response.json();
  assert.deepEqual(errors ?? [], []);
  assert.equal(data.storageSummary.total.count, rows);
  if (rows % 100 === 0) assert.equal(data.storageSummary.total.sizeGb, rows * 50.5);
  const exchanges: { bytes: number }[] = extensions.upstream;
  return { calls: exchanges.length, bytes: exchanges.reduce((sum, { bytes }) => sum + bytes, 0) };
}

async function measure(endpoint: string, heap: readonly string[], rows: number) {
  const gateway = await startGateway(endpoint, heap);
  try {
    // What is loaded and compiled for the first query is not of the rows.
    await summarize(gateway, 1);
    const { now: before } = await residentBytes(gateway);
    let peak = before;
    let isOver = false;
    gateway.alive.length = 0;
    const sample = async () => {
      while (!isOver) {
        peak = Math.max(peak, (await residentBytes(gateway)).now);
        await new Promise((resolve) => setTimeout(resolve, 10));
      }
    };
    const sampling = sample();
    const start = performance.now();
    const { calls, bytes } = await summarize(gateway, rows);
    const seconds = (performance.now() - start) / 1000;
    isOver = true;
    await sampling;
    return { calls, bytes, seconds, before, peak, alive: gateway.alive };
  } finally {
    await stop(gateway.child);
  }
}

/** Measures each number of rows, with each heap. */
export async function runSummary(sizes: readonly number[]): Promise<void> {
  const { child, ready: endpoint } = await startPeer<string>('upstream.ts');
  try {
    for (const [name, heap] of Object.entries(heaps)) {
      print(`\nGateway with ${name}:`);
      printRow(['rows', 'calls', 'answers', 'seconds', 'RSS before', 'RSS peak', 'grown by', 'alive']);
      for (const rows of sizes) {
        const { calls, bytes, seconds, before, peak, alive } = await measure(endpoint, heap, rows);
        printRow([
          rows.toLocaleString('en'),
          String(calls),
          mebibytes(bytes),
          seconds.toFixed(1),
          mebibytes(before),
          mebibytes(peak),
          mebibytes(peak - before),
          alive.length === 0 ? 'none seen' : `${Math.max(...alive).toFixed(0)} MiB`,
        ]);
      }
    }
  } finally {
    await stop(child);
  }
}
