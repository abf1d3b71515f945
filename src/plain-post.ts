import type { GraphQLParams } from 'graphql-yoga';

/** A GraphQL request as it came in over HTTP, with the headers that its answer may depend on. */
export interface GatewayRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: string | null;
}

/** A JSON POST that wants a JSON answer. */
export interface PlainPost {
  readonly params: GraphQLParams;
  /** Of the answer. */
  readonly mediaType: string;
}

/**
 * Nearly all requests are plain POSTs, and need no web Request and Response built for them, which costs more than to
 * answer a small query. Null for any other, and for what is odd in any way: that is the GraphQL server's to judge.
 */
export function readPlainPost({ method, headers, body }: GatewayRequest): PlainPost | null {
  if (method !== 'POST' || body === null || !isJson(headers['content-type'])) return null;
  const mediaType = mediaTypeFor(headers.accept);
  if (mediaType === null) return null;
  try {
    const params: unknown = JSON.parse(body);
    return isParams(params) ? { params, mediaType } : null;
  } catch {
    return null;
  }
}

function isJson(type: string | undefined): boolean {
  return type !== undefined && /^application\/json\s*(;\s*charset=utf-8\s*)?$/i.test(type);
}

/** The first of ours that the client names; null where it names none, or only in another encoding. */
export function mediaTypeFor(accept = '*/*'): string | null {
  for (const named of accept.toLowerCase().split(',')) {
    const [type, ...parameters] = named.replaceAll(' ', '').split(';');
    if (parameters.some((parameter) => parameter.startsWith('charset=') && parameter !== 'charset=utf-8')) continue;
    if (type === 'application/graphql-response+json') return type;
    if (type === 'application/json' || type === '*/*' || type === 'application/*') return 'application/json';
  }
  return null;
}

/** Only what the GraphQL server takes without a word. */
function isParams(params: unknown): params is GraphQLParams {
  if (!isObject(params) || typeof params.query !== 'string') return false;
  return Object.entries(params).every(([name, value]) => value === null || (checks[name]?.(value) ?? false));
}

const checks: Readonly<Record<string, (value: unknown) => boolean>> = Object.assign(Object.create(null), {
  query: isText,
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
