import { condition, type Judgement, print, verdict } from '../table.ts';
import { openStage, printDoubts, printHead, printMeasured } from './stage.ts';

/** What the upstream takes for each call, in milliseconds. */
const upstreamMs = 20;

/** How long a request may wait to be let in, in milliseconds (src/http/admission/admission.ts). */
const admissionMs = 500;
/** How many calls may wait for a region (src/gateway/gateway.ts). */
const waitingCalls = 256;

/**
 * The upstream is the limit: six calls at once of 20 ms each are 300 a second. With an eighth of what it can do, with as
 * much as it can do, and with a multiple of that, which must leave half of the gateway's core idle: else that is the limit.
 * @param options.concurrency calls at once.
 */
export async function runUpstreamBound(options: {
  seconds: number;
  factor: number;
  concurrency: number;
}): Promise<Judgement> {
  const { seconds, factor, concurrency } = options;
  const capacity = (concurrency / upstreamMs) * 1000;
  print(`\nThe upstream is the limit: ${concurrency} calls at once of ${upstreamMs} ms are ${capacity} a second.`);
  await using stage = await openStage(upstreamMs);
  await using gateway = await stage.startGateway({ UPSTREAM_CONCURRENCY: String(concurrency) });
  // What is compiled for the first requests is not of the load.
  await stage.load(gateway, { seconds: Math.min(5, seconds), arrivals: { rate: capacity / 2 } });
  printHead();
  const unloaded = await stage.load(gateway, { seconds, arrivals: { rate: capacity / 8 } });
  printMeasured('⅛×', unloaded);
  printMeasured('1×', await stage.load(gateway, { seconds, arrivals: { rate: capacity } }));
  const loaded = await stage.load(gateway, { seconds, arrivals: { rate: capacity * factor } });
  printMeasured(`${factor}×`, loaded);

  const longest = (unloaded.latency.p99 + admissionMs + (waitingCalls / capacity) * 1000) * 1.2;
  const ratio = loaded.goodput / capacity;
  const isKnown = (outcome: string) => outcome === 'served' || outcome.endsWith(' OVERLOADED');
  const odd = Object.keys(loaded.outcomes).filter((outcome) => !isKnown(outcome));
  const { milliseconds: took } = loaded.upstream;
  const targets = [
    verdict(ratio >= 0.9, `at ${factor}× ${(ratio * 100).toFixed(0)} % of the capacity are served; at least 90 %`),
    verdict(loaded.latency.p99 <= longest, `p99 of the served ${ms(loaded.latency.p99)}; at most ${ms(longest)}`),
    verdict(odd.length === 0, `what is not served is refused as OVERLOADED${odd.map((name) => `; ${name}`).join('')}`),
  ];
  const busy = loaded.gatewayCpuSeconds / seconds;
  const conditions = [
    ...printDoubts(loaded),
    condition(busy <= 0.5, `at ${factor}× the gateway's core was busy for ${(busy * 100).toFixed(0)} %`),
    condition(took <= upstreamMs * 1.25, `at ${factor}× the upstream took ${took.toFixed(1)} ms for a call`),
  ];
  return { holds: targets.every(Boolean), isValid: conditions.every(Boolean) };
}

const ms = (value: number) => `${value.toFixed(0)} ms`;
