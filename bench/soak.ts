import { parseArgs } from 'node:util';
import { DEMO_REGIONS, DEMO_TOKENS } from '../src/simulator/demo.ts';
import { createClient, type Identity } from './client.ts';
import type { GatewayState } from './gateway.ts';
import { startPeer, stop } from './process.ts';
import { createRandom } from './random.ts';
import { type FaultPeriod, startFaults } from './soak/faults.ts';
import { createJudge } from './soak/judge.ts';
import { startLoad } from './soak/load.ts';
import { readSeeded, recovers } from './soak/reads.ts';
import { judgeHeap, watchLoad } from './soak/samples.ts';
import { timeouts } from './soak/settings.ts';
import { createUser } from './soak/user.ts';
import { print, verdict } from './table.ts';
import { leftovers, startWatchedGateway } from './watch.ts';

/*
 * Whether the gateway stays what it is under everything at once, for long: reads, walks, writes, clients that leave and
 * clients that are hostile, while one region or another is slow, silent, broken or full of errors. Every answer is
 * checked: an error must be one of the table and have a cause, such as a fault of that region at that time; rows must
 * be all there, none of them twice; what failed must not have been done. Exit code 1 where an answer does not hold,
 * where the regions do not recover, where sockets or timers are left, and where the heap grows.
 *
 *   npm run soak                                 20 minutes
 *   npm run soak -- --minutes 60 --seed 7        longer; other faults and requests, the same ones for the same seed
 *   npm run soak -- --users 16 --pause 40        more load: so many users, so many milliseconds between their deeds
 *
 * A call may take a second. Where the machine is busy with other things some take longer, which is no fault of a region
 * and so a violation: how late this process itself was stands in each line.
 */

const { values } = parseArgs({
  options: {
    minutes: { type: 'string', default: '20' },
    seed: { type: 'string', default: '1' },
    users: { type: 'string', default: '8' },
    pause: { type: 'string', default: '80' },
  },
});
const seconds = Number(values.minutes) * 60;
const seed = Number(values.seed);

/**
 * A region must answer again so long after its fault; and the idle connections to it, which it keeps for 65 s, must be
 * closed so long after the last request.
 */
const patienceSeconds = { recovery: 40, idle: 90 };

const regions = DEMO_REGIONS.map((code) => code.toUpperCase());
const simulator = await startPeer<Record<string, string>>('soak/simulator.ts');
const gateway = await startWatchedGateway(simulator.ready, {
  REQUEST_TIMEOUT_MS: String(timeouts.request),
  UPSTREAM_TIMEOUT_MS: String(timeouts.upstream),
});
const client = createClient(gateway.url);
const periods: FaultPeriod[] = [];
const judge = createJudge(periods);

try {
  const start = await gateway.state();
  const verdicts = await soak();
  client.close();
  const end = await gateway.settle(start, patienceSeconds.idle);
  process.exitCode = [...verdicts, ...judgeEnd(start, end)].every(Boolean) ? 0 : 1;
} finally {
  client.close();
  await stop(gateway.child);
  await stop(simulator.child);
}

async function soak(): Promise<boolean[]> {
  const identities: Identity[] = Object.entries(DEMO_TOKENS).map(([token, tenant]) => ({ token, tenant }));
  const tenants = await Promise.all(
    identities.map(async (identity) => ({ identity, seeded: await readSeeded(client, identity, regions) })),
  );
  const surroundings = { url: gateway.url, judge };
  const load = startLoad({
    ...surroundings,
    client,
    seed,
    tenants,
    users: Number(values.users),
    pauseMs: Number(values.pause),
  });
  const faults = startFaults(periods, simulator, DEMO_REGIONS, createRandom(seed));
  const samples = await watchLoad(gateway, judge, faults, seconds);
  await faults.stop();
  await load.stop();
  const recovered = await Promise.all(
    tenants.map((tenant) => {
      const user = createUser(client, { ...surroundings, ...tenant, random: createRandom(seed) }, () => 'recovery');
      return recovers(user, regions, patienceSeconds.recovery);
    }),
  );
  const outage = (judge.longestOutage / 1000).toFixed(1);
  print(`\n${periods.length} faults. A region was called out of order for ${outage} s after one, at most.`);
  return [
    verdict(judge.violations === 0, `${judge.requests} answers hold ${judge.violations} violations (seed ${seed})`),
    verdict(recovered.every(Boolean), 'without faults every region answers without errors'),
    judgeHeap(samples),
  ];
}

function judgeEnd(start: GatewayState, end: GatewayState): boolean[] {
  // Some of what is kept of documents keeps the request it came with.
  const left = leftovers(start, end, 6);
  return [
    verdict(left === '', `nothing is left that was not there before${left && `: ${left}`}`),
    verdict(end.listeners <= start.listeners, `${end.listeners} listeners of the process, ${start.listeners} before`),
    verdict(end.warnings.length === 0, `node warns of nothing${end.warnings.map((text) => `\n${text}`).join('')}`),
    verdict(end.faults.length === 0, `no fault is logged${end.faults.map((line) => `\n${line}`).join('')}`),
  ];
}
