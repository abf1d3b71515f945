import { setTimeout as sleep } from 'node:timers/promises';
import { trace } from '@opentelemetry/api';

/**
 * Has the SDK, if one is loaded, send the spans that it still holds. Resolves after some time in any case. The API of
 * OpenTelemetry has no such call, so the provider is asked for it.
 */
export async function flushSpans(): Promise<void> {
  const provider: object = trace.getTracerProvider();
  const sdk: unknown =
    'getDelegate' in provider && typeof provider.getDelegate === 'function' ? provider.getDelegate() : provider;
  if (typeof sdk !== 'object' || sdk === null || !('forceFlush' in sdk) || typeof sdk.forceFlush !== 'function') return;
  try {
    await Promise.race([sdk.forceFlush(), sleep(flushMs, undefined, { ref: false })]);
  } catch {
    // The process ends even if the collector cannot be reached.
  }
}

/** As long as the last log lines wait for their reader, in milliseconds. */
const flushMs = 400;
