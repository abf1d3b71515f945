import type { IncomingMessage } from 'node:http';
import type { Config } from '../config/config.ts';
import type { RegionTable } from '../regions.ts';
import { hasBoundedBody } from './body.ts';
import { createCors } from './cors.ts';

type Headers = Readonly<Record<string, string>>;

/** The headers of responses. */
export interface ResponseHeaders {
  /** Those of the response to a GraphQL request, together with its own. */
  ofAnswer(request: IncomingMessage, requestId: string, own: Headers): Headers;
  /** Those of the response to a CORS preflight request. */
  ofPreflight(request: IncomingMessage): Headers;
  /** Those of an answer that the client may keep, and ask for again by its ETag. */
  ofKept(etag: string): Headers;
}

/** @param isClosing true during shutdown: responses then carry `Connection: close`. */
export function createResponseHeaders(
  config: Pick<Config, 'corsOrigins' | 'regions' | 'costHeaders'>,
  isClosing: () => boolean,
): ResponseHeaders {
  const cors = createCors(config);
  const vary = ['Accept', 'Accept-Encoding', 'Origin', ...credentialHeaders(config.regions)].join(', ');
  return {
    ofAnswer: (request, requestId, own) => ({
      ...alwaysSent,
      ...cors(request),
      ...own,
      'x-request-id': requestId,
      ...connectionOf(request, isClosing()),
    }),
    ofPreflight: (request) => ({ ...alwaysSent, ...cors(request), ...connectionOf(request, isClosing()) }),
    ofKept: (etag) => ({ etag, vary, 'cache-control': 'private, no-cache' }),
  };
}

/** `Connection: close` during shutdown, and where the rest of the request's body would have to be read first. */
export function connectionOf(request: IncomingMessage, isClosing: boolean): Headers {
  return isClosing || (!request.complete && !hasBoundedBody(request)) ? { connection: 'close' } : {};
}

/** The headers of every response. Answers belong to one token, so caches must not store them. */
export const alwaysSent = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  'content-security-policy': "default-src 'none'; frame-ancestors 'none'",
};

/** The policy of GraphiQL: allows what the page needs, and nothing from other origins. */
export const policyOfPage =
  "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; style-src 'unsafe-inline'; worker-src blob:; connect-src 'self'; img-src 'self' data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'";

/** All request headers that hold credentials. */
function credentialHeaders(regions: RegionTable): string[] {
  const ofRegions = regions.flatMap(({ code }) => [`X-Auth-Token-${code}`, `X-Tenant-Id-${code}`]);
  return ['X-Auth-Token', 'Authorization', 'X-Tenant-Id', ...ofRegions];
}
