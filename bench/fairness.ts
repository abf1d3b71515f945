import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { judge, judgeRows, printMeasured } from './fairness/judge.ts';
import { openStage } from './fairness/stage.ts';
import { canPin } from './process.ts';
import { print } from './table.ts';

/*
 * How long scans affect other callers. Three regions hold 9,999 volumes each, and a hundred parallel scans read all of them:
 * first all with one token, then each with its own. A refused scan is repeated after `retryAfter`. Meanwhile another caller
 * requests one volume every 100 ms, and a probe requests /health. The gateway runs as in production, on a core of its own;
 * regions and callers share another core, so two cores must be free.
 *
 * Exit code 1 if a target is missed. A line with VOID says why the figures are not the gateway's own: another process used its
 * core, or the callers themselves were late.
 *
 *   npm run fairness                          a minute for each scenario
 *   npm run fairness -- --seconds 10          shorter
 *   npm run fairness -- --baseline ../../old  the scans of one token on another checkout too, with packages of its own:
 *                                             at least 90 % of its rows a second must be scanned
 */

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '60' },
    baseline: { type: 'string' },
  },
});
const seconds = Number(values.seconds);
const scans = 100;

if (!canPin) print('Cores cannot be assigned here: the figures are of processes that disturb each other.');
await using stage = await openStage();
const holds: boolean[] = [];

async function runBaseline(directory: string) {
  print('\nThe baseline: 100 scans of one token.');
  const measured = await stage.run({ scans, tokens: 1, seconds }, resolve(directory, 'src/main.ts'));
  printMeasured(measured);
  return measured;
}

const baseline = values.baseline === undefined ? null : await runBaseline(values.baseline);
for (const tokens of [1, scans]) {
  print(tokens === 1 ? '\n100 scans of one token.' : '\n100 scans of a token each.');
  const measured = await stage.run({ scans, tokens, seconds });
  printMeasured(measured);
  holds.push(judge(measured));
  if (baseline && tokens === 1) holds.push(judgeRows(measured, baseline));
}
process.exitCode = holds.every(Boolean) ? 0 : 1;
