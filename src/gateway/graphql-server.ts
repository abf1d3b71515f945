import type { DocumentNode, ExecutionResult, GraphQLSchema } from 'graphql';
import { createYoga, type FetchAPI } from 'graphql-yoga';
import type { LRUCache } from 'lru-cache';
import type { Config } from '../config/config.ts';
import type { Context } from '../context.ts';
import { maskError } from '../messages/mask-error.ts';
import { createExecutedResults, type ExecutedResults } from '../plugins/executed-results.ts';
import type { PlannedExecution } from '../plugins/planned-execution.ts';
import { useErrorReport } from '../plugins/use-error-report.ts';
import { useIncrementalDelivery } from '../plugins/use-incremental-delivery.ts';
import { useIntrospection } from '../plugins/use-introspection.ts';
import { useOperationReport } from '../plugins/use-operation-report.ts';
import { usePartialFailures } from '../plugins/use-partial-failures.ts';
import { usePlannedExecution } from '../plugins/use-planned-execution.ts';
import { useQueryLimits } from '../plugins/use-query-limits.ts';
import { useRequestErrors } from '../plugins/use-request-errors.ts';
import { useShownExchanges } from '../plugins/use-shown-exchanges.ts';
import { useValidDocuments } from '../plugins/use-valid-documents.ts';
import { createSchema } from '../schema/index.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import type { GatewayRequest } from './answer.ts';
import type { DocumentParams } from './resolve-document.ts';
import type { Results } from './stream.ts';
import { createTextCache } from './text-cache.ts';

/** GraphQL Yoga without its HTTP: from the parameters of a request to its results. */
export interface GraphQLServer {
  execute(method: GatewayRequest['method'], params: DocumentParams, context: Context): Promise<Results>;
  /** Does what the plugins do with the result of an operation, for one that was executed outside of the server. */
  finish(method: GatewayRequest['method'], query: string, result: ExecutionResult, context: Context): Promise<Results>;
  readonly schema: GraphQLSchema;
  /** The parsed documents by their texts. */
  readonly documents: LRUCache<string, DocumentNode>;
  /** The web classes that Yoga works with. */
  readonly fetchAPI: FetchAPI;
}

type ServerConfig = Pick<Config, 'regions' | 'federation' | 'introspection' | 'queryLimits' | 'areQueryLimitsEnforced'>;

export function createGraphQLServer(
  config: ServerConfig,
  logger: Logger,
  metrics: Pick<Metrics, 'errors'>,
  execution: PlannedExecution,
): GraphQLServer {
  const schema = createSchema(config.regions, { federation: config.federation });
  const documents = createTextCache<DocumentNode>();
  const executed = createExecutedResults();
  const yoga = createYoga<Context>({
    schema,
    logging: false,
    parserAndValidationCache: {
      documentCache: documents,
      errorCache: createTextCache<Error>(),
      // `useValidDocuments` remembers the valid ones.
      validationCache: false,
    },
    // Yoga's own ReadableStream never ends if its reader leaves while it waits.
    fetchAPI: { ReadableStream, Response },
    maskedErrors: { maskError },
    // What follows belongs to HTTP. The HTTP layer does it.
    multipart: false,
    landingPage: false,
    cors: false,
    graphiql: false,
    plugins: pluginsOf(config, logger, metrics, execution, executed),
  });

  // Yoga and its plugins look only at the method of a request: all else is in the context. So all requests share these.
  const requests = {
    GET: new yoga.fetchAPI.Request(internalUrl),
    POST: new yoga.fetchAPI.Request(internalUrl, { method: 'POST' }),
  };

  async function execute(method: GatewayRequest['method'], params: DocumentParams, context: Context): Promise<Results> {
    const result = await yoga.getResultForParams({ params, request: requests[method] }, context);
    if (!result || Array.isArray(result)) throw new Error('The GraphQL server gave no result of one operation.');
    return result;
  }

  return {
    fetchAPI: yoga.fetchAPI,
    schema,
    documents,
    execute,
    finish(method, query, result, context) {
      executed.set(context, result);
      return execute(method, { query }, context);
    },
  };
}

/** The order matters. Hooks run in the order of the list, and what a hook returns runs in the same order afterwards. */
function pluginsOf(
  config: ServerConfig,
  logger: Logger,
  metrics: Pick<Metrics, 'errors'>,
  execution: PlannedExecution,
  executed: ExecutedResults,
) {
  return [
    // Before the plugins that wrap validation: a document that is known to be valid is not validated.
    useValidDocuments(),
    // Before useOperationReport, whose hook on results reports the failures that this one shows.
    usePartialFailures(),
    // Before useQueryLimits: a query that is refused is reported too.
    useOperationReport(metrics.errors),
    // Before useQueryLimits and useRequestErrors, which wrap the function that it sets for validation; and before all
    // that read `hideSuggestions`.
    useIntrospection(config.introspection),
    useQueryLimits({ limits: config.queryLimits, areEnforced: config.areQueryLimitsEnforced }),
    // After all that set a function for parsing or validation: it wraps them.
    useRequestErrors(),
    usePlannedExecution(execution),
    // After usePlannedExecution, whose executor it replaces for answers in parts.
    useIncrementalDelivery(),
    // After useOperationReport, which counts errors that this one leaves out.
    useErrorReport(logger),
    useShownExchanges(),
    executed.plugin,
  ];
}

/** Where the GraphQL server believes that it is. Clients never see it. */
const internalUrl = 'http://gateway/graphql';
