import type { ExecutionResult } from 'graphql';
import { type FetchAPI, type Plugin, processRegularResult } from 'graphql-yoga';
import type { Context } from '../context.ts';
import type { AnyErrorCode } from '../errors/codes.ts';
import { partialSuccess } from '../errors/partial-failure.ts';
import type { JsonType } from '../operation.ts';

/**
 * Gives answers the HTTP status of GraphQL over HTTP. It depends on the media type: in `application/json` only requests
 * that are not well-formed have another status than 200, because many of its clients do not read the body of an error
 * status.
 */
export function useAnswerStatus(): Plugin<object, Context> {
  return {
    onResultProcess(payload) {
      const { result, resultProcessor, serverContext } = payload;
      const { json } = serverContext.accepts;
      if (resultProcessor !== processRegularResult || json === null || !isWhole(result)) return;
      payload.setResultProcessor((_, fetchAPI) => answerJson(result, fetchAPI, json), json);
    },
  };
}

function isWhole(result: object): result is ExecutionResult {
  return !Array.isArray(result) && !(Symbol.asyncIterator in result);
}

/** One JSON answer. */
export function answerJson(result: ExecutionResult, fetchAPI: FetchAPI, type: JsonType): Response {
  if (type === 'application/json') return processRegularResult(result, fetchAPI, type);
  const extensions = { ...result.extensions, http: httpOf(result) };
  return processRegularResult({ ...result, extensions }, fetchAPI, type);
}

/** Status and headers as the GraphQL server takes them from a result. */
function httpOf({ data, errors = [] }: ExecutionResult) {
  const [error] = errors;
  if (!error) return { status: 200 };
  if (data !== undefined) return { status: partialSuccess };
  const { code, http, retryAfter } = error.extensions;
  const status = givenStatuses.find((given) => http?.status === given) ?? statuses.get(String(code)) ?? 422;
  return { status, ...(status === 503 && { headers: { 'retry-after': String(Number(retryAfter ?? 1)) } }) };
}

/** Statuses that errors bring along: of a mutation by GET, and of a subscription for a client that accepts no stream. */
const givenStatuses = [405, 406];

/** By the code of the first error; 422 if it is not among them. Errors of regions are not: they come with data. */
const statuses = new Map<string, number>(
  Object.entries({
    GRAPHQL_PARSE_FAILED: 400,
    INTERNAL_SERVER_ERROR: 500,
    OVERLOADED: 503,
    TENANT_REQUIRED: 403,
    UNAUTHENTICATED: 403,
  } satisfies Partial<Record<AnyErrorCode, number>>),
);
