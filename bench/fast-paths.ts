import fc from 'fast-check';
import { compareGateways, courses } from '../test/lists/fast-paths.ts';

/*
 * Two gateways over the same regions, one with all fast paths and one without, are asked the same between random changes.
 * Exit code 1 if an answer differs.
 *
 *   npm run fast-paths                  at least 20,000 answers
 *   npm run fast-paths -- 500           at least 500
 */

const wanted = Number(process.argv[2] ?? 20_000);
let compared = 0;

for (const course of fc.sample(courses, { numRuns: wanted })) {
  const found = await compareGateways(course);
  compared += found.compared;
  if (found.difference) {
    process.stdout.write(`FAIL: ${JSON.stringify({ ...found.difference, course }, null, 2)}\n`);
    process.exit(1);
  }
  process.stderr.write(`\r${compared} answers`);
  if (compared >= wanted) break;
}
process.stdout.write(`\nPASS: ${compared} answers with all fast paths equal those without, byte for byte\n`);
