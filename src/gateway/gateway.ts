import { createKeptPages } from '../block-storage/kept-pages.ts';
import type { Config } from '../config/config.ts';
import { followManifests } from '../config/persisted-documents.ts';
import type { Memory } from '../fairness/memory.ts';
import { memoryBudget } from '../fairness/memory-budget.ts';
import { createMemory } from '../fairness/memory-pool.ts';
import { createTurns, type Turns } from '../fairness/turns.ts';
import { createLive, type Live } from '../live/live.ts';
import { createPlannedExecution } from '../plugins/planned-execution.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { type Caller, isAccepting, type Send } from '../upstream/send.ts';
import type { AnswerOptions, GatewayAnswer, GatewayRequest } from './answer.ts';
import { executeRequest } from './execute-request.ts';
import { createGraphQLServer } from './graphql-server.ts';
import { createPreparedQueries } from './prepared-queries.ts';
import { createContextOf } from './request-context.ts';
import { toAnswer } from './to-answer.ts';
import { createUpstream } from './upstream.ts';

/** GraphQL over HTTP, from a whole request to an answer. */
export interface Gateway {
  readonly turns: Turns;
  readonly memory: Memory;
  /** Grows with each change of the persisted documents. */
  readonly documentsVersion: () => number;
  /** Sends REST calls outside of an execution: for replays of recorded answers. */
  readonly send: Send;
  answer(request: GatewayRequest, caller: Caller, options: AnswerOptions): Promise<GatewayAnswer>;
  close(): Promise<void>;
}

/** The part of the principals that the gateway needs. */
interface TokenOwners {
  readonly ownerOfToken: (token: string) => string;
  readonly noteAccepted: (token: string) => void;
}

/** @param principals owns the polls of objects, and learns which tokens regions have accepted. */
export function createGateway(config: Config, logger: Logger, metrics: Metrics, principals: TokenOwners): Gateway {
  const upstream = createUpstream(config, logger, metrics);
  const turns = createTurns();
  const memory = createMemory(memoryBudget(config.memoryLimitMib).requests);
  metrics.watchMemory(memory);
  const live = startLive({ send: upstream.send, turns, memory }, config, logger, metrics, principals);
  const persisted = config.persistedDocuments && followManifests(config.persistedDocuments, logger);
  const pages = config.usesFastPaths
    ? createKeptPages(memoryBudget(config.memoryLimitMib).pages, (message, region) => logger.warn({ region }, message))
    : null;
  const contextOf = createContextOf({ upstream, memory, live, pages }, config, logger, metrics);
  const execute = createPlannedExecution({ hasLeafWriters: config.usesFastPaths });
  const server = createGraphQLServer(config, logger, metrics, execute);
  const { regions, queryLimits: limits, introspection, persistedDocumentsOnly } = config;
  const tools = { ...server, regions: regions.length, limits, hidesSuggestions: !introspection };
  const queries = config.usesFastPaths ? createPreparedQueries(tools) : null;
  const executor = { server, execute, queries, persisted, persistedDocumentsOnly };

  return {
    turns,
    memory,
    documentsVersion: () => persisted?.version() ?? 0,
    send: upstream.send,
    async answer(request, caller, options) {
      const context = contextOf(request, caller, options);
      return toAnswer(await executeRequest(executor, request, context), context, server.fetchAPI);
    },
    async close() {
      persisted?.close();
      pages?.close();
      live.close();
      await upstream.close();
    },
  };
}

/** Reads what subscriptions follow. */
function startLive(
  { send, turns, memory }: { readonly send: Send; readonly turns: Turns; readonly memory: Memory },
  config: Pick<Config, 'pollIntervalMs' | 'requestTimeoutMs'>,
  logger: Logger,
  metrics: Metrics,
  principals: TokenOwners,
): Live {
  const live = createLive({
    send,
    turns,
    memory,
    ownerOf: principals.ownerOfToken,
    intervalMs: config.pollIntervalMs,
    timeoutMs: config.requestTimeoutMs,
    observe(exchange, { token }) {
      metrics.exchange(exchange);
      if (isAccepting(exchange)) principals.noteAccepted(token);
    },
    warn: (message, region) => logger.warn({ region }, message),
  });
  metrics.watchPolls(live);
  return live;
}
