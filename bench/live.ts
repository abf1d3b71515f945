import { setTimeout } from 'node:timers/promises';
import { parseArgs } from 'node:util';
import { startSimulator } from '../src/simulator/server.ts';
import { createFollowers, type Followers } from './live/followers.ts';
import { residentBytes } from './process.ts';
import { startProduction } from './production.ts';
import { cpuMilliseconds } from './speed/machine.ts';
import { quantile } from './speed/table.ts';
import { mebibytes, print, printRow, verdict } from './table.ts';

/*
 * Lists that are followed: how soon a change of the upstream is reported, and what many followers cost.
 *
 *   npm run live                          everything
 *   npm run live -- --only freshness      or `load`
 *
 * Exit code 1 if changes are reported too late: within 2 seconds while a row is in a transitional status, and within 20 seconds
 * while nothing changes (95 of 100, with default settings).
 */

const { values } = parseArgs({ options: { only: { type: 'string' } } });

const tenantOf = (index: number) => index.toString(16).padStart(32, '0');
const identityOf = (index: number, tenant = index) => ({ token: `token-${index}`, tenant: tenantOf(tenant) });

/** @param isShared whether all callers belong to one tenant. */
async function startStage(callers: number, isShared: boolean) {
  const identities = Array.from({ length: callers }, (_, index) => identityOf(index, isShared ? 0 : index));
  const tokens = Object.fromEntries(identities.map(({ token, tenant }) => [token, tenant]));
  const simulator = await startSimulator({ regions: [{ code: 'kr1' }], tokens });
  const environment = { MAX_STREAMS: '10000' };
  const gateway = await startProduction(simulator.endpoints, { environment });
  const followers = createFollowers(gateway.url);
  return {
    identities,
    simulator,
    gateway,
    followers,
    store: simulator.store('kr1'),
    async [Symbol.asyncDispose]() {
      followers[Symbol.dispose]();
      await gateway[Symbol.asyncDispose]();
      await simulator[Symbol.asyncDispose]();
    },
  };
}

/** Renames rows at random times within `ms`, and returns how long it took until each name was reported, in milliseconds. */
async function measureChanges(
  followers: Followers,
  rows: readonly { name: string | null }[],
  ms: number,
  mostMs: number,
) {
  const sentAt = new Map<string, number>();
  const latencies: number[] = [];
  followers.onRow = (name) => {
    const sent = sentAt.get(name);
    if (sent !== undefined) latencies.push(performance.now() - sent);
    sentAt.delete(name);
  };
  await Promise.all(
    rows.map(async (row, index) => {
      await setTimeout(Math.random() * ms);
      row.name = `changed-${index}-${Date.now()}`;
      sentAt.set(row.name, performance.now());
    }),
  );
  const until = performance.now() + mostMs;
  while (sentAt.size > 0 && performance.now() < until) await setTimeout(50);
  return [...latencies, ...Array.from(sentAt, () => mostMs)];
}

async function measureFreshness(): Promise<boolean> {
  const callers = 40;
  await using stage = await startStage(callers, false);
  const rows = stage.identities.map(({ tenant }) => {
    for (let index = 0; index < 50; index++)
      stage.store.addVolume(tenant, { name: `row ${index}`, status: 'available' });
    return stage.store.addVolume(tenant, { name: 'last', status: 'available' });
  });
  await Promise.all(stage.identities.map((identity) => stage.followers.open(identity)));
  print('How soon changes are reported: 40 lists of 51 volumes, default settings.');
  printRow(['', 'p50 s', 'p95 s', 'calls/s'], 16);
  // The longest time between two reads is reached after 100 seconds.
  await setTimeout(120_000);
  stage.simulator.clearRequests();
  const start = performance.now();
  const resting = await measureChanges(stage.followers, rows, 20_000, 40_000);
  const restingCalls = (stage.simulator.requests.length * 1000) / (performance.now() - start);
  printRow(
    [
      'nothing changes',
      ...[0.5, 0.95].map((part) => (quantile(resting, part) / 1000).toFixed(2)),
      restingCalls.toFixed(1),
    ],
    16,
  );
  for (const { tenant } of stage.identities) stage.store.addVolume(tenant, { name: 'being made', status: 'creating' });
  await setTimeout(30_000);
  stage.simulator.clearRequests();
  const busyStart = performance.now();
  const busy: number[] = [];
  for (let round = 0; round < 5; round++) busy.push(...(await measureChanges(stage.followers, rows, 5_000, 10_000)));
  const busyCalls = (stage.simulator.requests.length * 1000) / (performance.now() - busyStart);
  printRow(
    ['a row is creating', ...[0.5, 0.95].map((part) => (quantile(busy, part) / 1000).toFixed(2)), busyCalls.toFixed(1)],
    16,
  );
  const isFresh = verdict(
    quantile(busy, 0.95) <= 2_000,
    'with a row in a transitional status 95 of 100 changes are reported within 2 s',
  );
  return verdict(quantile(resting, 0.95) <= 20_000, 'at rest 95 of 100 changes are reported within 20 s') && isFresh;
}

interface Load {
  readonly title: string;
  readonly callers: number;
  readonly rows: number;
  readonly streams: number;
  readonly filters: readonly string[];
}

const filters = Array.from({ length: 10 }, (_, index) => `(filter: { nameContains: "${index}" })`);
const loads: readonly Load[] = [
  { title: '1,000 followers of one list of 100 rows, ten filters', callers: 1, rows: 100, streams: 1_000, filters },
  { title: '1,000 tokens, 100 rows each', callers: 1_000, rows: 100, streams: 1_000, filters: [''] },
  { title: '100 tokens, 10,000 rows each', callers: 100, rows: 10_000, streams: 100, filters: [''] },
];

async function measureLoad({ title, callers, rows, streams, filters }: Load): Promise<void> {
  await using stage = await startStage(callers, true);
  const tenant = tenantOf(0);
  const [first] = Array.from({ length: rows }, (_, index) =>
    stage.store.addVolume(tenant, { name: `row ${index}`, status: 'available' }),
  );
  const answers = new Map<string, number>();
  const start = performance.now();
  for (let index = 0; index < streams; index += 20) {
    const opened = Array.from({ length: Math.min(20, streams - index) }, (_, step) =>
      stage.followers.open(
        stage.identities[(index + step) % callers] ?? identityOf(0),
        filters[(index + step) % filters.length],
      ),
    );
    for (const answer of await Promise.all(opened)) answers.set(answer, (answers.get(answer) ?? 0) + 1);
  }
  const opening = (performance.now() - start) / 1000;
  print(
    `\n${title}: opened in ${opening.toFixed(1)} s (${Array.from(answers, ([answer, count]) => `${count} ${answer}`).join(', ')})`,
  );
  printRow(['', 'calls/s', 'CPU %', 'memory'], 16);
  const pid = stage.gateway.child.pid ?? 0;
  const measure = async (label: string, run: () => Promise<unknown>) => {
    stage.simulator.clearRequests();
    const [at, cpu] = [performance.now(), cpuMilliseconds([pid])];
    await run();
    const seconds = (performance.now() - at) / 1000;
    const busy = (cpuMilliseconds([pid]) - cpu) / (10 * seconds);
    const calls = stage.simulator.requests.length / seconds;
    printRow([label, calls.toFixed(1), busy.toFixed(0), mebibytes((await residentBytes(stage.gateway)).now)], 16);
  };
  await measure('at first', () => setTimeout(20_000));
  await setTimeout(90_000);
  await measure('at rest', () => setTimeout(30_000));
  await measure('one change', async () => {
    if (first) first.name = 'row 0123456789';
    await setTimeout(30_000);
  });
}

if (values.only !== 'load' && !(await measureFreshness())) process.exitCode = 1;
if (values.only !== 'freshness') for (const load of loads) await measureLoad(load);
