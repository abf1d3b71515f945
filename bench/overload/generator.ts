import { answerParent } from '../process.ts';
import { spreadOf } from '../spread.ts';
import { createPool, type RawAnswer } from './connection.ts';
import { type Load, type LoadResult, tenant } from './load.ts';

/*
 * Sends load and tells what came of it. With a rate it never waits for answers: a gateway that is slow gets no fewer
 * requests for it, and each latency counts from the moment the request was to be sent. A process of its own.
 */

/** So long after the last request it waits for answers: longer than a request may take. */
const patienceMs = 12_000;

const query = 'query Lookup($id: ID!) { volume(id: $id, region: KR1) { id name status size } }';

/** Each asks for a volume of its own, so that no two can be one call to the upstream. */
let lastVolume = 0;

const heads = Array.from({ length: 64 }, (_, token) =>
  [
    'POST /graphql HTTP/1.1',
    'Host: bench',
    'Content-Type: application/json',
    `Content-Length: ${bodyOf('0'.repeat(12)).length}`,
    `X-Auth-Token: bench-${token}`,
    `X-Tenant-Id: ${tenant}`,
    '\r\n',
  ].join('\r\n'),
);

function bodyOf(volume: string): string {
  return `{"query":"${query}","variables":{"id":"00000001-0000-4000-8000-${volume}"}}`;
}

function nextRequest(): string {
  lastVolume++;
  return heads[lastVolume % heads.length] + bodyOf(lastVolume.toString(16).padStart(12, '0'));
}

function outcomeOf(answer: RawAnswer | string): string {
  if (typeof answer === 'string') return `closed ${answer}`;
  if (!answer.body.includes('"errors"')) return answer.status === '200' ? 'served' : answer.status;
  return `${answer.status} ${/"code":"(\w+)"/.exec(answer.body)?.[1] ?? 'without a code'}`;
}

async function run({ url, seconds, arrivals, connections }: Load): Promise<LoadResult> {
  const pool = createPool(Number(new URL(url).port), connections);
  const outcomes: Record<string, number> = {};
  const latencies: number[] = [];
  const refusals: number[] = [];
  const lags: number[] = [];
  const cpu = process.cpuUsage();
  const start = performance.now();
  const end = start + seconds * 1000;
  let served = 0;
  let open = 0;

  function send(intended: number, after?: () => void): void {
    open++;
    lags.push(performance.now() - intended);
    pool.send(nextRequest(), (answer) => {
      const now = performance.now();
      const outcome = outcomeOf(answer);
      outcomes[outcome] = (outcomes[outcome] ?? 0) + 1;
      (outcome === 'served' ? latencies : refusals).push(now - intended);
      if (outcome === 'served' && now <= end) served++;
      open--;
      after?.();
    });
  }

  if ('rate' in arrivals) await sendAtRate(arrivals.rate, { start, end }, send);
  else await sendTogether(arrivals.together, end, send);
  const { user, system } = process.cpuUsage(cpu);
  const sent = lags.length;
  while (open > 0 && performance.now() < end + patienceMs) await new Promise((resolve) => setTimeout(resolve, 20));
  if (open > 0) outcomes.unanswered = open;
  const result = {
    sent,
    served,
    outcomes: { ...outcomes },
    latency: spreadOf(latencies),
    refusal: spreadOf(refusals),
    lag: spreadOf(lags),
    connections: pool.opened,
    cpuSeconds: (user + system) / 1e6,
  };
  pool.close();
  return result;
}

/** Sends one request; `intended` is the time at which it was to be sent. */
type SendRequest = (intended: number, after?: () => void) => void;

/** Sends requests at random times until the end, at the given rate per second. */
function sendAtRate(rate: number, { start, end }: { start: number; end: number }, send: SendRequest): Promise<void> {
  const pause = () => (-Math.log(1 - Math.random()) * 1000) / rate;
  let next = start + pause();
  return new Promise((resolve) => {
    const sendDue = () => {
      const now = performance.now();
      for (; next <= now && next < end; next += pause()) send(next);
      if (next < end) setTimeout(sendDue, 1);
      else resolve();
    };
    sendDue();
  });
}

/** Keeps the given number of requests in flight until the end. */
function sendTogether(together: number, end: number, send: SendRequest): Promise<void> {
  return new Promise((resolve) => {
    let clients = together;
    const next = () => {
      const now = performance.now();
      if (now < end) send(now, next);
      else if (--clients === 0) resolve();
    };
    for (let client = 0; client < together; client++) next();
  });
}

// Thousands of connections may fail: where in the code does not matter.
Error.stackTraceLimit = 0;
answerParent(null, { run });
