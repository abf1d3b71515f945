import type { Config } from '../config/config.ts';
import type { Region } from '../regions.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { createAttempt } from '../upstream/attempt.ts';
import { boundCalls } from '../upstream/bound-calls.ts';
import { createBreaker } from '../upstream/breaker.ts';
import { createBulkhead } from '../upstream/bulkhead.ts';
import { createHealth } from '../upstream/health.ts';
import { observe } from '../upstream/observe.ts';
import { reportTo } from '../upstream/outcome-listener.ts';
import { createRetry } from '../upstream/retry.ts';
import type { Identity, Send } from '../upstream/send.ts';
import { recordSpan } from '../upstream/span.ts';

/** The regions, as the gateway reaches them. */
export interface Upstream {
  readonly send: Send;
  /** @param identity the caller's for the region; null where it has none. */
  readonly isAvailable: (region: Region, identity: Identity | null) => boolean;
  close(): Promise<void>;
}

/** The most queued calls per region. Further calls are refused. */
const maxWaiting = 256;

/**
 * Puts the layers of `upstream/` together. From the outside in:
 * - `retry` repeats the rest, so that each attempt counts, waits and is refused like a call of its own;
 * - `observe` reports each attempt, also one that is refused below;
 * - `boundCalls` counts it against the calls of its request, before it takes a place anywhere;
 * - `breaker.refuse` refuses it while the region fails, before it waits for a place that others could use;
 * - `bulkhead` lets it wait for a place: the time limit of an attempt begins after that;
 * - `reportTo` tells `health` and `breaker` the outcome of what was really sent, which is only what got a place;
 * - `recordSpan` makes it a span, without the time in which it waited;
 * - `attempt` sends it.
 */
export function createUpstream(
  config: Pick<Config, 'regions' | 'upstreamTimeoutMs' | 'upstreamConcurrency'>,
  logger: Logger,
  metrics: Pick<Metrics, 'probe' | 'watch'>,
): Upstream {
  const { regions, upstreamTimeoutMs: timeoutMs } = config;
  const attempt = createAttempt(regions, {
    timeoutMs,
    warn: (problem, { code }) => logger.warn({ region: code, problem }, 'client certificate not renewed'),
  });
  const bulkhead = createBulkhead(regions, { concurrency: config.upstreamConcurrency, queue: maxWaiting });
  const health = createHealth(regions, {
    begin: (failure) => logger.warn(failure, 'region fails'),
    end: (failure) => logger.info(failure, 'region is well again'),
  });
  const breaker = createBreaker(regions, {
    timeoutMs,
    onProbe(region, probed) {
      health.noteProbe(region, probed);
      metrics.probe(region, probed);
    },
  });
  const retry = createRetry(regions, bulkhead.waiting);
  const sent = reportTo(health, breaker)(recordSpan(attempt.send));
  metrics.watch(regions, {
    waiting: bulkhead.waiting,
    isAvailable: (region) => breaker.isAvailable(region, null),
    failing: health.failing,
  });
  return {
    send: retry(observe(boundCalls(breaker.refuse(bulkhead.layer(sent))))),
    isAvailable: breaker.isAvailable,
    async close() {
      breaker.close();
      await attempt.close();
    },
  };
}
