import type { GraphQLParams } from 'graphql-yoga';
import type { GatewayRequest } from './gateway.ts';

/** A JSON POST that wants one JSON answer. */
export interface PlainPost {
  readonly params: GraphQLParams;
  /** Of the answer. */
  readonly mediaType: string;
}

/**
 * Nearly all requests are plain POSTs, and need no web Request and Response built for them, which costs more than to
 * answer a small query. Null for any other, and for what is odd in any way: that is the GraphQL server's to judge.
 */
export function readPlainPost({ method, accepts, contentType, body }: GatewayRequest): PlainPost | null {
  if (method !== 'POST' || body === null || !isJson(contentType)) return null;
  if (accepts.json === null) return null;
  const isInPartsTaken = accepts.events || accepts.parts !== null;
  try {
    const params: unknown = JSON.parse(body);
    if (!isParams(params) || (isInPartsTaken && mayBeInParts(params.query))) return null;
    return { params, mediaType: accepts.json };
  } catch {
    return null;
  }
}

/** Whether the answer to a document may be more than one whole: to one that is not here, or has a word for it. */
function mayBeInParts(document: string | undefined): boolean {
  return !document || /\b(defer|subscription)\b/.test(document);
}

function isJson(type: string | undefined): boolean {
  return type !== undefined && /^application\/json\s*(;\s*charset=utf-8\s*)?$/i.test(type);
}

/** Only what the GraphQL server takes without a word. */
function isParams(params: unknown): params is GraphQLParams {
  if (!isObject(params)) return false;
  const { query, documentId, extensions } = params;
  if (!isText(query) && !isText(documentId) && !(isObject(extensions) && 'persistedQuery' in extensions)) return false;
  return Object.entries(params).every(([name, value]) => value === null || (checks[name]?.(value) ?? false));
}

const checks: Readonly<Record<string, (value: unknown) => boolean>> = Object.assign(Object.create(null), {
  query: isText,
  documentId: isText,
  operationName: isText,
  variables: isObject,
  extensions: isObject,
});

function isText(value: unknown): boolean {
  return typeof value === 'string';
}

function isObject(value: unknown): value is Readonly<Record<string, unknown>> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}
