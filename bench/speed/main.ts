import { writeFileSync } from 'node:fs';
import { compareAnswers } from './answers.ts';
import { describeMachine, moveTo } from './machine.ts';
import { cores } from './measure.ts';
import { measureOpenLoop, openSeconds } from './open-latency.ts';
import { readOptions } from './options.ts';
import { estimateSeconds } from './plan.ts';
import { quickReport } from './quick-report.ts';
import { report } from './report.ts';
import { measureLimits, measureMemory, measureRates, tell } from './run.ts';
import { type RunningServer, startServer, startUpstream } from './running.ts';

/*
 * How fast the gateway is, beside a process that passes the bytes on ("bare") and beside its peers. All servers are
 * alive at once and are measured in turns. They share one core, which they never use at the same time; upstream and
 * load generator share another. Needs Linux, two cores and taskset.
 *
 *   npm run bench                      all but the open loop, in some 25 minutes
 *   npm run bench -- --full            all, in some 31 minutes
 *   npm run bench -- --quick           a part of it with this gateway, Mercurius and bare, in two minutes
 *   npm run bench -- --quick --against ../../main --queries thousand --parts same,everyRow
 *                                      a smaller part, also with the gateway of another checkout
 *
 * options.ts has all options.
 */

const words = process.argv.slice(2);
const options = readOptions(words);
moveTo(cores.other);
const minutes = (estimateSeconds(options) + (options.isFull ? openSeconds(options) : 0)) / 60;
tell(`takes about ${minutes.toFixed(1)} minutes`);

await using stack = new AsyncDisposableStack();
const upstream = stack.use(await startUpstream());

/** Everything that is measured while all servers are alive. */
async function measureTogether() {
  await using started = new AsyncDisposableStack();
  const running: RunningServer[] = [];
  for (const kind of options.servers) running.push(started.use(await startServer(kind, upstream.url, cores.server)));
  const answers = await compareAnswers(running, options.queries, upstream);
  for (const line of answers.differing) tell(`differs: ${line}`);
  for (const line of answers.stale) tell(`is not what the upstream answers: ${line}`);
  const cases = await measureRates(options, running, upstream);
  return { answers, cases, open: options.isFull ? await measureOpenLoop(cases, running, upstream) : [] };
}

const began = performance.now();
const { answers, cases, open } = await measureTogether();
const peaks = options.measuresMemory ? await measureMemory(options, upstream) : [];
const text = options.isQuick
  ? quickReport(options, cases, peaks)
  : report({
      options,
      machine: describeMachine(),
      answers,
      cases,
      open,
      peaks,
      limits: await measureLimits(options, upstream),
      words,
    });
process.stdout.write(text);
if (options.out !== null) {
  writeFileSync(options.out, text);
  tell(`written to ${options.out}`);
}
tell(`took ${((performance.now() - began) / 60_000).toFixed(1)} minutes`);
