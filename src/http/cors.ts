import type { IncomingMessage } from 'node:http';
import type { Config } from '../config/config.ts';
import { costHeaderNames } from './cost-headers.ts';

/** What lets pages of the allowed origins read answers; no page is given credentials of the browser. */
export type Cors = (request: Pick<IncomingMessage, 'method' | 'headers'>) => Readonly<Record<string, string>>;

/** No page of another origin may read answers. */
export const noCors: Cors = () => ({});

export function createCors({ corsOrigins, costHeaders }: Pick<Config, 'corsOrigins' | 'costHeaders'>): Cors {
  const allowed = new Set(corsOrigins);
  if (allowed.size === 0) return noCors;
  const ofCost = costHeaders ? costHeaderNames : [];
  const exposed = ['X-Request-Id', 'Retry-After', 'Traceparent', 'ETag', ...ofCost].join(', ');
  return ({ method, headers }) => {
    const { origin = '', 'access-control-request-headers': asked } = headers;
    if (!allowed.has(origin)) return { vary: 'Origin' };
    const answered = { vary: 'Origin', 'access-control-allow-origin': origin };
    if (method !== 'OPTIONS') return { ...answered, 'access-control-expose-headers': exposed };
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

/**
 * Finds the origin of a request whose head could not be parsed, in the packet that failed. Undefined unless the packet
 * holds the head from its request line on, with exactly one complete line `Origin`. A wrong guess would reveal nothing:
 * only an allowed origin is repeated, and the browser compares it with the page's own.
 * @param parsedBytes how much of the packet the parser took.
 */
export function originIn(packet: Buffer, parsedBytes: number): string | undefined {
  const text = packet.toString('latin1');
  const [requestLine] = /^(?:\r\n)*[A-Z]+ [!-~]+ HTTP\/1\.[01]\r\n/.exec(text) ?? [];
  if (requestLine === undefined) return undefined;
  const end = text.indexOf('\r\n\r\n', requestLine.length - 2);
  // The parser took this head as a whole: what failed came after it.
  if (end !== -1 && end + 4 <= parsedBytes) return undefined;
  const head = end === -1 ? text : text.slice(0, end + 4);
  if (head.match(/[\r\n]origin[\t ]*:/gi)?.length !== 1) return undefined;
  const [, origin, continued] = /\r\norigin:[\t ]*([!-~]+)[\t ]*\r\n([\t ]?)/i.exec(head) ?? [];
  // A next line that begins with a blank continues the value.
  return continued ? undefined : origin;
}
