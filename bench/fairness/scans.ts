import { setTimeout as delay } from 'node:timers/promises';
import { createClient, type Identity } from '../client.ts';
import { secondsToWait } from '../problems.ts';
import { answerParent } from '../process.ts';
import { codeOf, createTimes, type Outcomes, type Scenario } from './figures.ts';

/* The parallel scans: each starts again as soon as it is answered. Runs as a separate process. */

/**
 * 9,999 volumes, one less than the gateway scans: the last page is not full, so the scan knows that it has reached the end
 * of the list. A scan of one region makes ten calls.
 */
const scanner = (token: number): Identity => ({ token: `scan-${token}`, tenant: 'rows-9999-kib-614' });

/** No volume has such a name, and no two scans ask for the same, so that nothing is answered from memory. */
let lastScan = 0;
function nextScan(): string {
  const filter = `{ nameContains: "zzz${++lastScan}" }`;
  return JSON.stringify({ query: `{ volumes(first: 1, filter: ${filter}) { totalCount nodes { id } } }` });
}

/** Lets the regions accept every token and make all their pages. */
async function prepare({ url, tokens }: Scenario): Promise<void> {
  const client = createClient(url);
  const first = JSON.stringify({ query: '{ volumes(first: 1) { nodes { name } } }' });
  for (let token = 0; token < tokens; token++) await client.send(first, scanner(token));
  await client.send(nextScan(), scanner(0));
  client.close();
}

async function run({ url, scans, tokens, seconds }: Scenario): Promise<Outcomes> {
  const client = createClient(url);
  const times = createTimes();
  const end = performance.now() + seconds * 1000;

  async function scanOn(identity: Identity): Promise<void> {
    while (performance.now() < end) {
      let wait = 0;
      await times.add(async () => {
        const answer = await client.send(nextScan(), identity);
        const code = codeOf(answer);
        if (code !== null) wait = secondsToWait(answer);
        // The total is null where not all rows were read.
        return code ?? (answer.body?.data?.volumes.totalCount === 0 ? 'answered' : 'short');
      });
      if (performance.now() + wait * 1000 >= end) return;
      await delay(wait * 1000);
    }
  }

  await Promise.all(Array.from({ length: scans }, (_, scan) => scanOn(scanner(scan % tokens))));
  client.close();
  return times.outcomes();
}

answerParent(null, { prepare, run });
