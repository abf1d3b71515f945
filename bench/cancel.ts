import { parseArgs } from 'node:util';
import { type Moment, moments, sendCancelled } from './cancelled-request.ts';
import type { GatewayState } from './gateway.ts';
import { residentBytes, startPeer, stop } from './process.ts';
import { createRandom } from './random.ts';
import { mebibytes, print, printRow, verdict } from './table.ts';
import type { UpstreamState } from './upstream.ts';
import { leftovers, startWatchedGateway, trend } from './watch.ts';

/*
 * Whether anything is left of clients that leave: in the middle of their headers or body, while the upstream is waited
 * for, in the middle of a large answer that they have stopped to read, or of an event stream. Some leave while they wait
 * to be let in, or while their calls wait for their turn. The gateway is a process of its own and tells, after each round
 * and a forced collection, its sockets, timers, live objects and heap. Exit code 1 where sockets or timers do not come back to what
 * they were before the first request, or where objects or heap grow from the second round on; the first warms up.
 *
 *   npm run cancel                                       a round to warm up and three more, of 10,000 requests each
 *   npm run cancel -- --rounds 10 --requests 1000        others
 *   npm run cancel -- --seed 7 --together 64             other moments; so many requests at once
 *   npm run cancel -- --only "in the events"             clients that leave at this moment alone
 */

const { values } = parseArgs({
  options: {
    rounds: { type: 'string', default: '3' },
    requests: { type: 'string', default: '10000' },
    together: { type: 'string', default: '64' },
    seed: { type: 'string', default: '1' },
    only: { type: 'string' },
  },
});
const rounds = Number(values.rounds) + 1;
const requests = Number(values.requests);

/** Any if left out. */
const only = moments.find((moment) => moment === values.only);

/** What may be added to the heap by a round without being called growth: code that V8 compiles late. */
const tolerance = Math.max(256 * 1024, 40 * requests);
/** Idle connections to the upstream are kept for some seconds, and so are the timers of its calls. */
const patienceSeconds = 20;

const random = createRandom(Number(values.seed));
const upstream = await startPeer<string>('upstream.ts');
const gateway = await startWatchedGateway(
  { kr1: upstream.ready },
  // Fewer than come at once, so that some wait to be let in and some are refused.
  { MAX_IN_FLIGHT: String(Math.ceil(Number(values.together) * 0.4)), UPSTREAM_CONCURRENCY: '32' },
);

async function runRound(): Promise<{ left: Record<Moment, number>; answered: number }> {
  const left = Object.fromEntries(moments.map((moment) => [moment, 0])) as Record<Moment, number>;
  let answered = 0;
  let begun = 0;
  const work = async () => {
    while (begun < requests) {
      begun++;
      const moment = only ?? random.pick(moments);
      if ((await sendCancelled(gateway.url, moment, random)) === 'left') left[moment]++;
      else answered++;
    }
  };
  await Promise.all(Array.from({ length: Number(values.together) }, work));
  return { left, answered };
}

async function printState(name: string, state: GatewayState): Promise<void> {
  const { heapBytes, objects } = state;
  const { sockets, requests } = await upstream.ask<UpstreamState>('state');
  printRow([
    name,
    mebibytes(heapBytes, 2),
    mebibytes((await residentBytes(gateway)).now),
    String(sockets),
    String(requests),
    ...Object.values(objects).map(String),
  ]);
}

try {
  const start = await gateway.state();
  const columns = ['heap', 'RSS', 'upstream: sockets', 'calls', ...Object.keys(start.objects)];
  printRow(['', ...columns], 15);
  await printState('start', start);
  const states: GatewayState[] = [];
  for (let round = 1; round <= rounds; round++) {
    const { left, answered } = await runRound();
    const state = await gateway.settle(start, patienceSeconds);
    states.push(state);
    await printState(`round ${round}`, state);
    print(`    left: ${moments.map((moment) => `${left[moment]} ${moment}`).join(', ')}; answered before: ${answered}`);
  }
  const { aborted } = await upstream.ask<UpstreamState>('state');
  print(`\n${aborted} calls to the upstream were broken off.`);
  process.exitCode = judge(start, states, aborted) ? 0 : 1;
} finally {
  await stop(gateway.child);
  await stop(upstream.child);
}

function judge(start: GatewayState, [, ...states]: readonly GatewayState[], aborted: number): boolean {
  const last = states.at(-1) ?? start;
  const heaps = states.map(({ heapBytes }, index) => [index, heapBytes] as const);
  const heap = heaps.length < 2 ? 0 : trend(heaps).slope;
  return [
    verdict(aborted > 0, 'leaving reaches the upstream'),
    ...states.map((state, index) => {
      const left = leftovers(start, state);
      return verdict(
        left === '',
        `after round ${index + 2} nothing is left that was not there before${left && `: ${left}`}`,
      );
    }),
    verdict(heap <= tolerance, `the heap grows by ${Math.round(heap / 1024)} KiB a round, at most ${tolerance >> 10}`),
    verdict(last.listeners <= start.listeners, `${last.listeners} listeners of the process, ${start.listeners} before`),
    verdict(last.warnings.length === 0, `node warns of nothing${last.warnings.map((text) => `\n${text}`).join('')}`),
    verdict(last.faults.length === 0, `no fault is logged${last.faults.map((line) => `\n${line}`).join('')}`),
  ].every(Boolean);
}
