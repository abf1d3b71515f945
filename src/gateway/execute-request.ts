import { type ExecutionResult, GraphQLError } from 'graphql';
import type { PersistedDocuments } from '../config/persisted-documents.ts';
import type { Context } from '../context.ts';
import { isNotAdmitted, notAdmitted } from '../plugins/operation-result.ts';
import type { PlannedExecution } from '../plugins/planned-execution.ts';
import type { GatewayRequest } from './answer.ts';
import type { GraphQLServer } from './graphql-server.ts';
import type { PreparedQueries, PreparedQuery } from './prepared-queries.ts';
import { resolveDocument } from './resolve-document.ts';
import { isSeveral, type Results } from './stream.ts';

/** What is needed to execute requests. */
export interface Executor {
  readonly server: GraphQLServer;
  readonly execute: PlannedExecution;
  /** Null if every request is parsed, validated and measured. */
  readonly queries: PreparedQueries | null;
  /** Null if no manifest is configured. */
  readonly persisted: PersistedDocuments | null;
  readonly persistedDocumentsOnly: boolean;
}

/** Executes a request: a query that was executed before at once, all else by the GraphQL server with its plugins. */
export async function executeRequest(executor: Executor, request: GatewayRequest, context: Context): Promise<Results> {
  const { server, persisted, persistedDocumentsOnly: areOthersRefused } = executor;
  const { method, text } = request;
  // The GraphQL server adds the calls to the answer.
  const queries = context.shownExchanges ? null : executor.queries;
  const requestText = { text, documentsVersion: persisted?.version() ?? 0 };
  const known = queries?.ofText(requestText);
  if (known) return executePrepared(executor, request, known, context);
  const params = resolveDocument(request, persisted, { areOthersRefused });
  if (params instanceof GraphQLError) {
    context.report.errorCodes = [String(params.extensions.code)];
    return { errors: [params] };
  }
  const prepared = queries?.prepare(params, requestText);
  if (prepared) return executePrepared(executor, request, prepared, context);
  const results = await server.execute(method, params, context);
  if (isAnswered(results) && !hasFailures(results, context)) queries?.learn(params, context.report);
  return results;
}

async function executePrepared(
  { server, execute }: Executor,
  { method }: GatewayRequest,
  { query, args, estimate, report }: PreparedQuery,
  context: Context,
): Promise<Results> {
  Object.assign(context.report, report);
  const isIn = context.admit(estimate);
  if (!(isIn instanceof Promise ? await isIn : isIn)) return notAdmitted();
  const result = await execute({ ...args, contextValue: context }, context);
  return hasFailures(result, context) ? server.finish(method, query, result, context) : result;
}

/** Whether it is one result of an operation that was executed. */
function isAnswered(results: Results): results is ExecutionResult {
  return !isSeveral(results) && !isNotAdmitted(results);
}

/** Whether something has failed, also where the result has no errors for it. */
export function hasFailures(
  { errors }: { readonly errors?: readonly GraphQLError[] | undefined },
  { partialFailures, payloadErrorCodes }: Context,
): boolean {
  return errors !== undefined || partialFailures.length > 0 || payloadErrorCodes.size > 0;
}
