import type { KeptPages } from '../block-storage/kept-pages.ts';
import type { Config } from '../config/config.ts';
import { type Context, createContext } from '../context.ts';
import type { Memory } from '../fairness/memory.ts';
import type { Live } from '../live/live.ts';
import { createAudit } from '../telemetry/audit-log.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { createCallBudget } from '../upstream/caller.ts';
import type { Caller } from '../upstream/send.ts';
import type { AnswerOptions, GatewayRequest } from './answer.ts';
import type { Upstream } from './upstream.ts';

/** Creates the context of a request. */
export type ContextOf = (request: Pick<GatewayRequest, 'accepts'>, caller: Caller, options: AnswerOptions) => Context;

export function createContextOf(
  {
    upstream,
    memory,
    live,
    pages,
  }: {
    readonly upstream: Upstream;
    readonly memory: Memory;
    readonly live: Live;
    readonly pages: KeptPages | null;
  },
  config: Pick<Config, 'regions' | 'auditKey' | 'requestTimeoutMs' | 'upstreamCallsPerRequest'>,
  logger: Logger,
  metrics: Pick<Metrics, 'exchange'>,
): ContextOf {
  const audit = createAudit(logger, config.auditKey);

  /** An event comes after the request's deadline. So it gets its own one, and its calls are not added to the request's. */
  function callerOfEvent(caller: Caller): Caller {
    const deadline = performance.now() + config.requestTimeoutMs;
    const calls = createCallBudget(config.upstreamCallsPerRequest);
    return { ...caller, deadline, calls, memory: memory.open(caller.owner), observe: metrics.exchange };
  }

  function contextOf(
    { accepts }: Pick<GatewayRequest, 'accepts'>,
    caller: Caller,
    { admit, shownExchanges, layer }: AnswerOptions,
  ): Context {
    return createContext({
      regions: config.regions,
      send: layer ? layer(upstream.send) : upstream.send,
      audit,
      isAvailable: upstream.isAvailable,
      caller,
      accepts,
      admit,
      live,
      pages,
      // Of the request no more than this is kept: its text may be long, and a stream lasts long.
      renew: () =>
        contextOf({ accepts }, callerOfEvent(caller), { admit: () => true, shownExchanges: null, layer: null }),
      warn: (message, region) => logger.warn({ requestId: caller.requestId, region }, message),
      shownExchanges,
    });
  }

  return contextOf;
}
