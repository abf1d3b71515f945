import { parseArgs } from 'node:util';
import { runCpuBound } from './overload/cpu-bound.ts';
import { runUpstreamBound } from './overload/upstream-bound.ts';
import { canPin } from './process.ts';
import { print } from './table.ts';

/*
 * What is left of the gateway when more comes than it can do. Requests come at random times at a constant rate, never
 * waiting for answers, and their latency counts from the moment they were to be sent. The gateway has one core for
 * itself and runs as in production; upstream and generator share another, so two cores must be free.
 *
 * Twice: where the upstream is the limit (about 1× and 10×), and where the gateway's own computing is (3×). Exit code 1
 * where a target is missed. A line that says that the generator did not keep its rate makes the others void.
 *
 *   npm run overload                                     ten seconds for each figure
 *   npm run overload -- --seconds 60 --only upstream     longer; `upstream` or `cpu`
 *   npm run overload -- --upstream-factor 20 --cpu-factor 3
 */

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    only: { type: 'string' },
    'upstream-factor': { type: 'string', default: '10' },
    'cpu-factor': { type: 'string', default: '3' },
  },
});
const seconds = Number(values.seconds);

if (!canPin) print('Cores cannot be assigned here: the figures are of processes that disturb each other.');
const held: boolean[] = [];
if (values.only !== 'cpu')
  held.push(...(await runUpstreamBound({ seconds, factor: Number(values['upstream-factor']) })));
if (values.only !== 'upstream') held.push(...(await runCpuBound({ seconds, factor: Number(values['cpu-factor']) })));
process.exitCode = held.every(Boolean) ? 0 : 1;
