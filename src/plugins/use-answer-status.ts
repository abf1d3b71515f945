import type { ExecutionResult } from 'graphql';
import { type FetchAPI, type Plugin, processRegularResult } from 'graphql-yoga';
import type { JsonType } from '../accept.ts';
import type { Context } from '../context.ts';
import { errorCodes, requestErrorCodes } from '../errors.ts';

/** Answers with data and errors have this status (GraphQL over HTTP, "Partial success"). */
const partialSuccess = 294;

/**
 * Gives answers the HTTP status of GraphQL over HTTP. It depends on the media type: in `application/json` only requests
 * that are not well-formed have another status than 200, because its clients read no body behind such a status.
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
  const extensions = { ...result.extensions, http: { status: statusOf(result) } };
  return processRegularResult({ ...result, extensions }, fetchAPI, type);
}

function statusOf({ data, errors = [] }: ExecutionResult): number {
  const [error] = errors;
  if (!error) return 200;
  if (data !== undefined) return partialSuccess;
  const { code, http } = error.extensions;
  // The GraphQL server refuses mutations by GET, with the header that belongs to this status.
  if (http?.status === 405) return 405;
  return statuses.get(String(code)) ?? 422;
}

const statuses = new Map<string, number>(
  Object.entries({ ...errorCodes, ...requestErrorCodes }).map(([code, { status }]) => [code, status]),
);
