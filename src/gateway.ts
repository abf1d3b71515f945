import { renderGraphiQL } from '@graphql-yoga/render-graphiql';
import type { DocumentNode } from 'graphql';
import { createYoga, type GraphiQLOptions } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import type { Config } from './config.ts';
import { type Context, createContext, type OperationReport } from './context.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { useAnswerLimit } from './plugins/use-answer-limit.ts';
import { maskError, useErrorReport } from './plugins/use-error-report.ts';
import { useIntrospection } from './plugins/use-introspection.ts';
import { useOperationReport } from './plugins/use-operation-report.ts';
import { usePlannedExecution } from './plugins/use-planned-execution.ts';
import { useQueryLimits } from './plugins/use-query-limits.ts';
import { useTrace } from './plugins/use-trace.ts';
import { createSchema } from './schema/index.ts';
import { createAttempt } from './upstream/attempt.ts';
import { createBreaker } from './upstream/breaker.ts';
import { createBulkhead } from './upstream/bulkhead.ts';
import { observe } from './upstream/observe.ts';
import { createRetry } from './upstream/retry.ts';
import type { Caller, Exchange } from './upstream/send.ts';
import { trace } from './upstream/trace.ts';

/** GraphQL over HTTP, from a whole request to a whole answer. */
export interface Gateway {
  /** @param shown the caller's REST calls where they are to be shown in the answer. */
  fetch(
    request: { url: string; init: RequestInit },
    caller: Caller,
    shown: readonly Exchange[] | null,
  ): Promise<{ answer: Response; report: OperationReport }>;
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
  const send = observe(retry(breaker.layer(bulkhead.layer(trace(attempt.send)))));
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
      exposedHeaders: ['x-request-id', 'retry-after', 'traceparent'],
    },
    graphiql: config.graphiql && { title: 'Block Storage', shouldPersistHeaders: false, ...graphiql },
    renderGraphiQL,
    plugins: [
      useOperationReport(),
      useQueryLimits(),
      useIntrospection(config.introspection),
      usePlannedExecution(),
      useErrorReport(logger),
      useAnswerLimit(),
      useTrace(),
    ],
  });

  return {
    async fetch({ url, init }, caller, shown) {
      const warn = (message: string, region: string) => logger.warn({ requestId: caller.requestId, region }, message);
      const { regions } = config;
      const context = createContext({ regions, send, isAvailable: breaker.isAvailable, caller, warn, trace: shown });
      return { answer: await yoga.fetch(url, init, context), report: context.report };
    },
    close: () => attempt.close(),
  };
}

/** What was made of texts, the least used of them forgotten first. */
function createTextCache<Value extends object>(): LRUCache<string, Value> {
  return new LRUCache({ maxSize: maxKept, sizeCalculation: (_, text) => Math.max(1, text.length) });
}
