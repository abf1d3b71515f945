import assert from 'node:assert/strict';
import { parseArgs } from 'node:util';
import { runMatrix } from './memory/matrix.ts';
import { runSummary } from './memory/summary.ts';

/*
 * How much memory the gateway needs: for summaries of few and many volumes, and with a limit of 1 GiB while 120 parallel
 * requests read pages of up to 30 MiB from each region. With the limit it must survive, must answer every request or refuse it
 * with OVERLOADED, and must hold no more memory afterwards than before. Exit code 1 if it does not.
 *
 *   npm run memory                     the summary of 10,000 and of 100,000 rows, then every row of the matrix
 *   npm run memory -- 1000 500000      only the summary, of these numbers of rows, smallest first
 *   npm run memory -- --only 8,slow    only these rows of the matrix: pages of 8 MiB, and slow readers
 *   npm run memory -- --limit 512      within 512 MiB
 *   npm run memory -- --only summary   only the summary; `matrix`: only the matrix, all of its rows
 */

const { values, positionals } = parseArgs({
  options: { only: { type: 'string' }, limit: { type: 'string', default: '1024' } },
  allowPositionals: true,
});
const only = positionals.length > 0 ? ['summary'] : values.only?.split(',');
const sizes = positionals.length > 0 ? positionals.map(Number) : [10_000, 100_000];
assert.ok(
  sizes.every((rows) => Number.isSafeInteger(rows) && rows > 0),
  'the numbers of rows must be whole numbers',
);

if (!only || only.includes('summary')) await runSummary(sizes);
const rows = only?.filter((name) => name !== 'summary');
if (rows?.length !== 0) process.exitCode = (await runMatrix(Number(values.limit), rows)) ? 0 : 1;
