import type { ChildProcess } from 'node:child_process';
import { setTimeout as delay } from 'node:timers/promises';
import { readMetrics, residentBytes, startPeer, stop } from '../process.ts';
import { type ProductionGateway, startProduction } from '../production.ts';
import { print, verdict } from '../table.ts';
import { createGroup, type Group } from './group.ts';
import { growth, judge, type Measured, maxGrowth, printHead, printMeasured, type Round } from './judge.ts';
import { type Row, rows } from './rows.ts';
import { sumOf, waitUntilFree } from './settle.ts';

/*
 * Each row has a gateway of its own, which is born in a cgroup with the limit. Where none can be made it is told the limit
 * as MEMORY_LIMIT_MIB, and ended when its resident memory is beyond it. A row is run twice, and more often while it leaves
 * more memory resident than the time before: a heap takes some rounds to find its size.
 */

/** If resident memory still grows after this number of rounds, the gateway leaks. */
const maxRounds = 4;

/** The idle time before the memory of the gateway is read, in milliseconds. */
const idleMs = 3000;

/**
 * Runs the rows and tells whether all of them hold.
 * @param only names of rows, or how they begin: `8` is `8-one` and `8-many`; every row if left out.
 */
export async function runMatrix(limitMib: number, only: readonly string[] = ['matrix']): Promise<boolean> {
  const isMeant = ({ name }: Row) =>
    only.some((word) => word === 'matrix' || name === word || name.startsWith(`${word}-`));
  const regions = await startPeer<string>('pages.ts');
  const holds: boolean[] = [];
  print(`\nGateways within ${limitMib} MiB:`);
  printHead();
  try {
    for (const row of rows.filter(isMeant)) {
      const measured = await measure(row, regions.ready, limitMib);
      printMeasured(row, measured);
      holds.push(judge(row, measured));
    }
  } finally {
    await stop(regions.child);
  }
  return verdict(
    holds.length > 0 && holds.every(Boolean),
    `${holds.filter(Boolean).length} of ${holds.length} rows hold`,
  );
}

async function measure(row: Row, endpoint: string, limitMib: number): Promise<Measured> {
  const limitBytes = limitMib * 1024 * 1024;
  await using group = await createGroup(limitBytes);
  const environment: Record<string, string> = group ? {} : { MEMORY_LIMIT_MIB: String(limitMib) };
  const regions = { kr1: `${endpoint}/kr1`, kr2: `${endpoint}/kr2`, jp1: `${endpoint}/${row.jp1 ?? 'jp1'}` };
  await using gateway = await startProduction(regions, { environment, group: group?.directory });
  const watching = watchPeak(gateway, group, limitBytes);
  const start = performance.now();
  const rounds: Round[] = [];
  while (isAlive(gateway.child) && (rounds.length < 2 || (growth(rounds) > maxGrowth && rounds.length < maxRounds)))
    rounds.push(await runRound(row, gateway));
  const seconds = (performance.now() - start) / 1000;
  const peak = await watching.stop();
  return { limitBytes, isGrouped: group !== null, rounds, isAlive: isAlive(gateway.child), peak, seconds };
}

async function runRound(row: Row, gateway: ProductionGateway): Promise<Round> {
  const tally = await row.run(gateway.url);
  const isFree = await waitUntilFree(gateway.url);
  if (isAlive(gateway.child)) await delay(idleMs);
  const metrics = await readMetrics(gateway.url).catch(() => ({}));
  const { now: resident } = await residentBytes(gateway).catch(() => ({ now: Number.NaN }));
  return { tally, isFree, resident, charged: sumOf(metrics, 'gateway_memory_charged_bytes') };
}

const isAlive = ({ exitCode, signalCode }: ChildProcess) => exitCode === null && signalCode === null;

/** Looks at a gateway's resident memory again and again; what its group tells is surer. */
function watchPeak(gateway: ProductionGateway, group: Group | null, limitBytes: number) {
  let seen = 0;
  let isOver = false;
  const watch = async () => {
    while (!isOver && isAlive(gateway.child)) {
      const { now } = await residentBytes(gateway).catch(() => ({ now: 0 }));
      if (now > seen) seen = now;
      if (!group && seen > limitBytes) gateway.child.kill('SIGKILL');
      await delay(50);
    }
  };
  const watching = watch();
  return {
    async stop(): Promise<number> {
      isOver = true;
      await watching;
      return (await group?.peakBytes()) || seen;
    },
  };
}
