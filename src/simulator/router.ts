import type { IncomingHttpHeaders } from 'node:http';
import type { Answer } from './answer.ts';
import {
  badMediaType,
  badRequest,
  bodyTooLargeAnswer,
  CallError,
  computeFault,
  faultAnswer,
  MAX_BODY_BYTES,
  malformedCall,
  noRouteAnswer,
  unauthorizedAnswer,
} from './error.ts';
import type { Region } from './region.ts';
import { type Handler, ROUTES } from './routes.ts';
import { versionsAnswer } from './versions.ts';

/** A request as it came in, its body read to the end. */
export interface RawRequest {
  readonly method: string;
  /** Path and query. */
  readonly target: string;
  readonly headers: IncomingHttpHeaders;
  readonly body: Buffer;
}

/** Answers one request: the versions without a token; else its checks in Cinder's order: body size, token, route, body, tenant, then the handler. */
export function route(region: Region, tokens: Readonly<Record<string, string>>, request: RawRequest): Answer {
  if (request.method === 'GET' && request.target === '/') return versionsAnswer(originOf(request));
  if (request.body.length > MAX_BODY_BYTES) return bodyTooLargeAnswer();
  const token = request.headers['x-auth-token'];
  const tenant = typeof token === 'string' && Object.hasOwn(tokens, token) ? tokens[token] : undefined;
  if (tenant === undefined) return unauthorizedAnswer();
  const found = match(request);
  if (!found) return noRouteAnswer();
  try {
    const body = parseBody(request);
    if (found.tenant !== tenant) throw badRequest('Malformed request url');
    if (body !== undefined && request.method !== 'POST') throw malformedCall();
    if (body === undefined && request.method === 'POST' && !found.isAction) throw computeFault();
    const answer = found.handle({ region, tenant, id: found.id, query: found.query, body, origin: originOf(request) });
    return found.isAction ? withVersion(region, answer) : answer;
  } catch (error) {
    if (!(error instanceof CallError)) throw error;
    return found.isAction ? withVersion(region, error.answer) : error.answer;
  }
}

interface Match {
  readonly tenant: string;
  readonly id: string;
  readonly query: URLSearchParams;
  readonly isAction: boolean;
  readonly handle: Handler;
}

function match({ method, target }: RawRequest): Match | undefined {
  const [escaped = '', ...rest] = target.split('?');
  const path = unescaped(escaped);
  const parts = /^\/v2\/([^/]+)\/([^/.]+)(?:\/([^/]+?))?(\/action)?(?:\.json)?$/.exec(path);
  if (!parts) return undefined;
  const [, tenant = '', noun = '', segment = '', action = ''] = parts;
  const shape = segment === '' ? '' : segment === 'detail' && method === 'GET' ? '/detail' : '/:id';
  const handle = ROUTES[`${method} ${noun}${shape}${action}`];
  if (!handle) return undefined;
  const query = new URLSearchParams(rest.join('?'));
  return { tenant, id: segment, query, isAction: action !== '', handle };
}

function parseBody({ headers, body }: RawRequest): unknown {
  if (body.length === 0) return undefined;
  const type = headers['content-type']?.split(';')[0]?.trim();
  if (type !== 'application/json') throw badMediaType();
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    throw badRequest('Malformed request body');
  }
}

/** Links follow the Host header, or the one a proxy forwards (FACTS 14). */
function originOf({ headers }: RawRequest): string {
  const forwarded = headers['x-forwarded-host'];
  return `http://${typeof forwarded === 'string' ? forwarded : (headers.host ?? 'localhost')}`;
}

/** Actions are handed to a later version of the same service, which says so, unless the region is stock. */
function withVersion(region: Region, answer: Answer): Answer {
  if (region.stock) return answer;
  const version = { 'Openstack-Api-Version': 'volume 3.1', Vary: 'OpenStack-API-Version' };
  return { ...answer, headers: { ...answer.headers, ...version } };
}

function unescaped(path: string): string {
  try {
    return decodeURIComponent(path);
  } catch {
    return path;
  }
}

/** What a handler's own mistake is answered with, so that it shows as one. */
export function brokenAnswer(error: unknown): Answer {
  return faultAnswer(500, `The simulator failed: ${error instanceof Error ? error.stack : String(error)}`);
}
