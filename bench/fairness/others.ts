import { once } from 'node:events';
import { get, type IncomingMessage } from 'node:http';
import { constants, setPriority } from 'node:os';
import { setTimeout as delay } from 'node:timers/promises';
import { type Client, createClient } from '../client.ts';
import { answerParent } from '../process.ts';
import type { Spread } from '../spread.ts';
import { codeOf, createTimes, type Others, type Scenario } from './figures.ts';

/* The small requests in parallel with the scans: a caller that asks for one volume, and a probe of /health. Runs as a separate process. */

const identity = { token: 'other', tenant: 'rows-9999-kib-614-other' };
const query = JSON.stringify({ query: '{ region(code: KR1) { volumes(first: 1) { nodes { name } } } }' });

/** Both ask this often, whatever becomes of what they asked before. */
const stepMs = 100;

/** The latencies of the caller while the gateway is idle otherwise. */
async function idle({ url }: Scenario): Promise<Spread> {
  const client = createClient(url);
  const times = createTimes();
  for (let request = 0; request < 30; request++) await times.add(() => lookUp(client));
  client.close();
  return times.outcomes().answers;
}

async function run({ url, seconds }: Scenario): Promise<Others> {
  const client = createClient(url);
  const [other, health] = [createTimes(), createTimes()];
  const asking: Promise<void>[] = [];
  const end = performance.now() + seconds * 1000;
  let lateMs = 0;
  for (let next = performance.now(); next < end; next += stepMs) {
    await delay(Math.max(0, next - performance.now()));
    lateMs = Math.max(lateMs, performance.now() - next);
    asking.push(
      other.add(() => lookUp(client)),
      health.add(() => askHealth(url)),
    );
  }
  await Promise.all(asking);
  client.close();
  return { other: other.outcomes(), health: health.outcomes(), lateMs };
}

async function lookUp(client: Client): Promise<string> {
  const answer = await client.send(query, identity);
  return codeOf(answer) ?? (answer.body?.data?.region.volumes.nodes.length === 1 ? 'answered' : 'short');
}

/** As a kubelet asks: on a connection of its own. */
async function askHealth(url: string): Promise<string> {
  try {
    const asked = get(`${url}/health`, { agent: false, signal: AbortSignal.timeout(15_000) });
    const [response]: IncomingMessage[] = await once(asked, 'response');
    await response?.resume().toArray();
    return response?.statusCode === 200 ? 'answered' : `HTTP ${response?.statusCode}`;
  } catch (error) {
    return String(error);
  }
}

try {
  // The time that this process waits for its own core must not count as latency of the gateway.
  setPriority(constants.priority.PRIORITY_HIGH);
} catch {
  // Only root may; then `lateMs` tells how long that was.
}
answerParent(null, { idle, run });
