import type { ExecutionResult, GraphQLError } from 'graphql';
import type { AnyErrorCode } from '../errors/codes.ts';
import { partialSuccess } from '../errors/partial-failure.ts';
import { graphqlResponse, type JsonType } from '../operation.ts';

/** The status of an answer, and the headers that explain it. */
export interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
}

/**
 * The HTTP status of one JSON answer, by GraphQL over HTTP. It depends on the media type: in `application/json` only
 * requests that are not well-formed have another status than 200, because many of its clients do not read the body of an
 * error status.
 */
export function headOfJson({ data, errors = [] }: ExecutionResult, type: JsonType): AnswerHead {
  const [first] = errors;
  if (!first) return { status: 200, headers: {} };
  if (type !== graphqlResponse) return headOfStream(errors, 'without');
  const { status, headers } = headOfStream(errors, 'with');
  if (data !== undefined) return { status: Math.max(status, partialSuccess), headers };
  const own = statusByCode(first);
  if (own !== 503) return { status: Math.max(status, own), headers };
  return {
    status: Math.max(status, own),
    headers: { 'retry-after': String(Number(first.extensions.retryAfter ?? 1)), ...headers },
  };
}

/**
 * The highest status that errors bring along, as that of a mutation by GET does; 200 if there is none.
 * @param ofDocuments whether the statuses count that say only that the document is wrong.
 */
export function headOfStream(errors: readonly GraphQLError[], ofDocuments: 'with' | 'without'): AnswerHead {
  let highest = 0;
  let headers = {};
  for (const { extensions } of errors) {
    const { http } = extensions;
    if (!http) continue;
    if (http.headers) headers = { ...headers, ...lowerCase(http.headers) };
    if (ofDocuments === 'with' || !http.spec) highest = Math.max(highest, http.status ?? 0);
  }
  return { status: highest || 200, headers };
}

function lowerCase(headers: Readonly<Record<string, string>>): Readonly<Record<string, string>> {
  return Object.fromEntries(Object.entries(headers).map(([name, value]) => [name.toLowerCase(), value]));
}

function statusByCode({ extensions: { code, http } }: GraphQLError): number {
  return givenStatuses.find((given) => http?.status === given) ?? statuses.get(String(code)) ?? 422;
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
