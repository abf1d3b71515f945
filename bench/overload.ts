import { parseArgs } from 'node:util';
import { runCpuBound } from './overload/cpu-bound.ts';
import { runUpstreamBound } from './overload/upstream-bound.ts';
import { canPin } from './process.ts';
import { type Judgement, print } from './table.ts';

/*
 * What is left of the gateway when more comes than it can do. Requests come at random times at a constant rate, never
 * waiting for answers, and their latency counts from the moment they were to be sent. The gateway has one core for
 * itself and runs as in production; upstream and generator share another, so two cores must be free.
 *
 * Twice: where the upstream is the limit (about 1× and 10×), and where the gateway's own computing is (3×). Exit code 1
 * where a target is missed; 2 where a line says VOID: something else was the limit then, such as the generator or another
 * process on the gateway's core, and the figures say nothing of the gateway.
 *
 *   npm run overload                                     ten seconds for each figure
 *   npm run overload -- --seconds 60 --only upstream     longer; `upstream` or `cpu`
 *   npm run overload -- --upstream-factor 20 --cpu-factor 5
 *   npm run overload -- --concurrency 16                 an upstream of 800 a second, in place of 300
 */

const { values } = parseArgs({
  options: {
    seconds: { type: 'string', default: '10' },
    only: { type: 'string' },
    concurrency: { type: 'string', default: '6' },
    'upstream-factor': { type: 'string', default: '10' },
    'cpu-factor': { type: 'string', default: '3' },
  },
});
const seconds = Number(values.seconds);

if (!canPin) print('Cores cannot be assigned here: the figures are of processes that disturb each other.');
const judgements: Judgement[] = [];
if (values.only !== 'cpu') {
  const concurrency = Number(values.concurrency);
  judgements.push(await runUpstreamBound({ seconds, factor: Number(values['upstream-factor']), concurrency }));
}
if (values.only !== 'upstream') judgements.push(await runCpuBound({ seconds, factor: Number(values['cpu-factor']) }));
process.exitCode = judgements.some(({ isValid }) => !isValid) ? 2 : judgements.every(({ holds }) => holds) ? 0 : 1;
