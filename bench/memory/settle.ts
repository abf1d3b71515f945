import { setTimeout as delay } from 'node:timers/promises';
import { readMetrics } from '../process.ts';

type Metrics = Readonly<Record<string, number>>;

/** A figure with all its labels together; null where the gateway does not tell it. */
export function sumOf(metrics: Metrics, name: string): number | null {
  const values = Object.entries(metrics).filter(([key]) => key === name || key.startsWith(`${name}{`));
  return values.length === 0 ? null : values.reduce((sum, [, value]) => sum + value, 0);
}

/** Requests that the gateway has begun to answer, or whose client had left, since it started. */
export const answersBegun = (metrics: Metrics) => sumOf(metrics, 'gateway_request_duration_seconds_count') ?? 0;

/**
 * Waits until the gateway has finished this number of requests since it started and none is in flight. False if this takes
 * more than a minute, or the gateway has ended.
 */
export async function waitUntilFree(url: string, answers = 0): Promise<boolean> {
  const end = performance.now() + 60_000;
  while (performance.now() < end) {
    const metrics = await readMetrics(url).catch(() => null);
    if (!metrics) return false;
    const { gateway_requests_in_flight: inFlight, gateway_requests_waiting: waiting } = metrics;
    if (inFlight === 0 && waiting === 0 && answersBegun(metrics) >= answers) return true;
    await delay(250);
  }
  return false;
}
