import type { IncomingMessage } from 'node:http';

/** What lets pages of the allowed origins read answers; no page is given credentials of the browser. */
export type Cors = (request: IncomingMessage) => Readonly<Record<string, string>>;

/** @param origins such as `https://console.example`; none means that no page of another origin may read answers. */
export function createCors(origins: readonly string[]): Cors {
  const allowed = new Set(origins);
  if (allowed.size === 0) return () => ({});
  return ({ method, headers }) => {
    const { origin = '', 'access-control-request-headers': asked } = headers;
    if (!allowed.has(origin)) return { vary: 'Origin' };
    const answered = { vary: 'Origin', 'access-control-allow-origin': origin };
    if (method !== 'OPTIONS')
      return { ...answered, 'access-control-expose-headers': 'X-Request-Id, Retry-After, Traceparent, ETag' };
    return {
      vary: 'Origin, Access-Control-Request-Headers',
      'access-control-allow-origin': origin,
      'access-control-allow-methods': 'GET, POST',
      ...(asked ? { 'access-control-allow-headers': asked } : {}),
      'access-control-max-age': '600',
    };
  };
}

/** A page asks whether it may send a request. */
export function isPreflight({ method, headers }: IncomingMessage): boolean {
  return method === 'OPTIONS' && headers.origin !== undefined && 'access-control-request-method' in headers;
}
