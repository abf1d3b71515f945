import type { ProductionGateway } from '../production.ts';
import { condition, type Judgement, print, verdict } from '../table.ts';
import { silentVolume, tenant } from './load.ts';
import { openStage, printDoubts, printHead, printMeasured, type Stage } from './stage.ts';

/** Clients that send one request after the other: fewer than may be in at once, so that none is refused. */
const together = 64;

/**
 * The gateway's own computing is the limit: the upstream answers at once. What a served and what a refused request
 * cost, and what is left of the capacity at a multiple of it.
 */
export async function runCpuBound({ seconds, factor }: { seconds: number; factor: number }): Promise<Judgement> {
  print('\nThe gateway is the limit: the upstream answers at once.');
  await using stage = await openStage(0);
  await using gateway = await stage.startGateway();
  await stage.load(gateway, { seconds: Math.min(5, seconds), arrivals: { together } });
  printHead();
  const saturated = await stage.load(gateway, { seconds, arrivals: { together } });
  printMeasured('saturated', saturated);
  const servedMs = (saturated.gatewayCpuSeconds * 1000) / (saturated.outcomes.served ?? Number.NaN);
  const capacity = 1000 / servedMs;
  const refusedMs = await costOfRefusal(stage, { seconds, rate: capacity * factor });
  const loaded = await stage.load(gateway, { seconds, arrivals: { rate: capacity * factor } });
  printMeasured(`${factor}×`, loaded);

  const ratio = refusedMs / servedMs;
  const others = factor - 1;
  const wanted = capacity / (1 + others * ratio);
  // More there cannot be: served and refused requests fill the time, G·s + (factor·C − G)·r = 1.
  const possible = Math.max(0, (capacity * (1 - factor * ratio)) / (1 - ratio));
  const expected = Math.min(wanted, possible);
  print(`A served request costs ${servedMs.toFixed(3)} ms of CPU, a refused one ${refusedMs.toFixed(3)} ms.`);
  print(
    `The capacity is ${capacity.toFixed(0)} a second; when every request of ${factor}× is read, ${possible.toFixed(0)} are left.`,
  );
  const busy = saturated.gatewayCpuSeconds / saturated.seconds;
  const holds = verdict(
    loaded.goodput >= expected * 0.85,
    `at ${factor}× ${loaded.goodput.toFixed(0)} a second are served; ` +
      `capacity / (1 + ${others} · r/s) = ${wanted.toFixed(0)}, at least 85 % of that or of what can be left`,
  );
  const conditions = [
    condition(busy >= 0.9, `saturated the gateway's core was busy for ${(busy * 100).toFixed(0)} %`),
    ...printDoubts(loaded),
  ];
  return { holds, isValid: conditions.every(Boolean) };
}

/**
 * CPU milliseconds of one refusal: of a gateway with one place, which is taken for good. At the rate at which requests are
 * to come: one after the other on few connections refusals cost less.
 */
async function costOfRefusal(stage: Stage, { seconds, rate }: { seconds: number; rate: number }): Promise<number> {
  await using gateway = await stage.startGateway({
    MAX_IN_FLIGHT: '1',
    UPSTREAM_TIMEOUT_MS: '600000',
    REQUEST_TIMEOUT_MS: '600000',
  });
  const leaving = new AbortController();
  const taking = takePlace(gateway, leaving.signal);
  await stage.load(gateway, { seconds: Math.min(5, seconds), arrivals: { together } });
  const refused = await stage.load(gateway, { seconds, arrivals: { rate } });
  printMeasured('refusing', refused);
  leaving.abort();
  await taking;
  return (refused.gatewayCpuSeconds * 1000) / (refused.outcomes['503 OVERLOADED'] ?? Number.NaN);
}

/** A request that is never answered; its end is that its client leaves. */
async function takePlace({ url }: ProductionGateway, signal: AbortSignal): Promise<void> {
  const headers = { 'content-type': 'application/json', 'x-auth-token': 'bench', 'x-tenant-id': tenant };
  const body = JSON.stringify({ query: `{ volume(id: "${silentVolume}", region: KR1) { name } }` });
  await fetch(`${url}/graphql`, { method: 'POST', headers, body, signal }).catch(() => {});
}
