import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { DocumentNode } from 'graphql';
import { createYoga, type GraphiQLOptions } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import type { Config } from './config.ts';
import { type Context, createContext } from './context.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { maskError, useErrorReport } from './plugins/use-error-report.ts';
import { useIntrospection } from './plugins/use-introspection.ts';
import { useQueryLimits } from './plugins/use-query-limits.ts';
import { useTrace } from './plugins/use-trace.ts';
import { createSchema } from './schema/index.ts';
import { createAttempt } from './upstream/attempt.ts';
import { createBreaker } from './upstream/breaker.ts';
import { createBulkhead } from './upstream/bulkhead.ts';
import { observe } from './upstream/observe.ts';
import { createRetry } from './upstream/retry.ts';
import type { Caller, Exchange } from './upstream/send.ts';

/** GraphQL over HTTP, from a whole request to a whole answer. */
export interface Gateway {
  /** @param trace the caller's REST calls where they are to be shown in the answer. */
  fetch(
    request: { url: string; init: RequestInit },
    caller: Caller,
    trace: readonly Exchange[] | null,
  ): Promise<Response>;
  close(): Promise<void>;
}

/** Calls that may wait for one region; more are refused at once. */
const maxWaiting = 256;

/**
 * Characters of documents whose syntax trees, and whose syntax errors, are kept. A tree has some 100 bytes for each
 * character, so this is 50 MB at most.
 */
const maxKept = 500_000;

/** @param graphiql what GraphiQL shows at first. */
export function createGateway(
  config: Config,
  logger: Logger,
  metrics: Metrics,
  graphiql: GraphiQLOptions = {},
): Gateway {
  const attempt = createAttempt(config.regions, { timeoutMs: config.upstreamTimeoutMs });
  const bulkhead = createBulkhead(config.regions, { concurrency: config.upstreamConcurrency, queue: maxWaiting });
  const breaker = createBreaker(config.regions);
  const retry = createRetry(config.regions, bulkhead.waiting);
  const send = observe(retry(breaker.layer(bulkhead.layer(attempt.send))));
  metrics.watch(config.regions, { waiting: bulkhead.waiting, isAvailable: breaker.isAvailable });
  const yoga = createYoga<Context>({
    schema: createSchema(config.regions),
    graphqlEndpoint: '/graphql',
    landingPage: false,
    logging: false,
    parserAndValidationCache: {
      documentCache: createTextCache<DocumentNode>(),
      errorCache: createTextCache<Error>(),
    },
    multipart: false,
    maskedErrors: { maskError },
    cors: config.corsOrigins.length > 0 && {
      origin: [...config.corsOrigins],
      credentials: false,
      methods: ['GET', 'POST'],
    },
    graphiql: config.graphiql && { title: 'Block Storage', shouldPersistHeaders: false, ...graphiql },
    renderGraphiQL,
    plugins: [useQueryLimits(), useIntrospection(config.introspection), useErrorReport(logger), useTrace()],
  });

  return {
    async fetch({ url, init }, caller, trace) {
      const warn = (message: string, region: string) => logger.warn({ requestId: caller.requestId, region }, message);
      return yoga.fetch(
        url,
        init,
        createContext({ regions: config.regions, send, isAvailable: breaker.isAvailable, caller, warn, trace }),
      );
    },
    close: () => attempt.close(),
  };
}

/** What was made of texts, the least used of them forgotten first. */
function createTextCache<Value extends object>(): LRUCache<string, Value> {
  return new LRUCache({ maxSize: maxKept, sizeCalculation: (_, text) => Math.max(1, text.length) });
}
