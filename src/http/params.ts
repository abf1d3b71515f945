import type { RequestErrorCode } from '../errors/codes.ts';
import { graphqlResponse, type JsonType, type RequestParams } from '../operation.ts';
import { Refusal } from './refusal.ts';

/** The parts of a request that hold its parameters. */
interface Sent {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly body: string | null;
  /** The type of the answer. */
  readonly type: JsonType | null;
}

type JsonObject = Readonly<Record<string, unknown>>;

/**
 * Reads the parameters of a GraphQL request: from the URL for GET, from the JSON body otherwise. Members that the gateway
 * does not know are ignored (GraphQL over HTTP, "JSON Encoding").
 * @throws `Refusal` if the request is not well-formed.
 */
export function readParams({ method, url, body, type }: Sent): RequestParams {
  const sent = method === 'GET' ? readUrl(url) : readBody(body);
  if (!isObject(sent))
    throw notWellFormed(type, 'The body must be one JSON object, such as {"query": "{ regions { code } }"}.');
  const { query, variables, extensions, operationName, documentId } = sent;
  if (query != null && typeof query !== 'string') throw notWellFormed(type, '"query" must be a string.');
  if (variables != null && !isObject(variables)) throw notWellFormed(type, '"variables" must be a JSON object.');
  if (extensions != null && !isObject(extensions)) throw notWellFormed(type, '"extensions" must be a JSON object.');
  if (operationName != null && typeof operationName !== 'string')
    throw notWellFormed(type, '"operationName" must be a string.', 'OPERATION_RESOLUTION_FAILURE');
  const rest = {
    ...(variables && { variables }),
    ...(extensions && { extensions }),
    // Some clients send an empty name when there is none.
    ...(operationName && { operationName }),
  };
  const id = query ? null : idIn(documentId, extensions);
  if (id !== null) return { ...rest, documentId: id };
  if (query == null) throw notWellFormed(type, 'Send the GraphQL document as "query".');
  return { ...rest, query };
}

/** Whether the document, if it was sent, may hold a subscription. */
export function mayBeSubscription({ query }: RequestParams): boolean {
  return query !== undefined && /\bsubscription\b/.test(query);
}

/** The id of a document, as `documentId` or as Apollo’s clients send it; null if there is none. */
function idIn(documentId: unknown, extensions: JsonObject | null | undefined): string | null {
  if (typeof documentId === 'string' && documentId !== '') return documentId;
  const persisted = extensions?.persistedQuery;
  const hash = isObject(persisted) ? persisted.sha256Hash : null;
  return typeof hash === 'string' ? hash : null;
}

function readBody(body: string | null): unknown {
  return parseJson(body ?? '', 'The body is not JSON.');
}

function readUrl(url: string): JsonObject {
  const [, search = ''] = url.split(/\?(.*)/s);
  const sent = new URLSearchParams(search);
  // An empty parameter counts as left out.
  const textOf = (name: string) => sent.get(name) || undefined;
  const objectOf = (name: string) => {
    const text = textOf(name);
    return text === undefined ? undefined : parseJson(text, `"${name}" is not JSON.`);
  };
  return {
    query: textOf('query'),
    operationName: textOf('operationName'),
    documentId: textOf('documentId'),
    variables: objectOf('variables'),
    extensions: objectOf('extensions'),
  };
}

/** The text is not repeated in the message: it may hold a key. */
function parseJson(text: string, message: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    throw new Refusal(400, 'BAD_REQUEST', message);
  }
}

/** Clients of `application/json` have always seen 400: see docs/graphql-over-http.md. */
function notWellFormed(type: JsonType | null, message: string, code: RequestErrorCode = 'BAD_REQUEST'): Refusal {
  return new Refusal(type === graphqlResponse ? 422 : 400, code, message);
}

function isObject(value: unknown): value is JsonObject {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
