import { Pool } from 'undici';
import type { Region, RegionTable } from '../regions.ts';
import {
  type Caller,
  type Send,
  traceparentOf,
  type UpstreamAnswer,
  UpstreamError,
  type UpstreamRequest,
} from './send.ts';

/** Sends over one connection pool per region, once, and closes the pools at the end. */
export interface Attempt {
  readonly send: Send;
  close(): Promise<void>;
}

/**
 * @param options.timeoutMs the longest one REST call may take, in milliseconds; the caller's deadline may be nearer.
 */
export function createAttempt(regions: RegionTable, options: { timeoutMs: number }): Attempt {
  const pools = new Map(regions.map((region) => [region.code, openPool(region.endpoint)]));
  const closing = new Set<Promise<void>>();

  /** Puts a new pool in the place of one whose answers cannot be trusted. */
  function replace({ code, endpoint }: Region, pool: Pool): void {
    if (pools.get(code) !== pool) return;
    pools.set(code, openPool(endpoint));
    const closed = pool.destroy().finally(() => closing.delete(closed));
    closing.add(closed);
  }

  async function send(request: UpstreamRequest, caller: Caller): Promise<UpstreamAnswer> {
    const pool = pools.get(request.region.code);
    if (!pool) throw new Error(`region ${request.region.code} is not in the table`);
    const { token, tenant } = caller.identity(request.region);
    const left = Math.min(options.timeoutMs, caller.deadline - performance.now());
    if (caller.signal.aborted) throw new UpstreamError('cancelled', request, caller.signal.reason, false);
    if (left <= 0) throw new UpstreamError('timeout', request, undefined, false);
    // undici's own timeouts fire late, and never while a body trickles in; a signal is exact.
    const signal = AbortSignal.any([caller.signal, AbortSignal.timeout(Math.ceil(left))]);
    try {
      const { statusCode, headers, body } = await pool.request({
        method: request.method,
        path: `${new URL(request.region.endpoint).pathname.replace(/\/$/, '')}/v2/${tenant}${request.path}`,
        // An old Cinder answers XML unless asked for JSON (FACTS, "Read in older sources").
        headers: {
          accept: 'application/json',
          'x-auth-token': token,
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
          'x-request-id': caller.requestId,
          ...(caller.trace && { traceparent: traceparentOf(caller.trace) }),
        },
        body: request.body ?? null,
        signal,
      });
      return {
        status: statusCode,
        contentType: text(headers['content-type'])?.split(';')[0]?.trim().toLowerCase() ?? '',
        requestId: text(headers['x-openstack-request-id']),
        retryAfter: text(headers['retry-after']),
        body: Buffer.from(await body.arrayBuffer()),
        distrust: () => replace(request.region, pool),
      };
    } catch (error) {
      if (caller.signal.aborted) throw new UpstreamError('cancelled', request, error);
      if (signal.aborted) throw new UpstreamError('timeout', request, error);
      throw new UpstreamError(failureOf(error), request, error);
    }
  }

  return {
    send,
    close: async () => {
      await Promise.all([...closing, ...Array.from(pools.values(), (pool) => pool.destroy())]);
    },
  };
}

/** The most bytes one answer may have: a full page of 1000 volumes is about 1.5 MB. */
const maxAnswerBytes = 32 * 1024 * 1024;

function openPool(endpoint: string): Pool {
  return new Pool(new URL(endpoint).origin, {
    // How many there are at once is the bulkhead's to say.
    connections: null,
    // A second answer on a shared connection could reach another caller.
    pipelining: 1,
    allowH2: false,
    headersTimeout: 0,
    bodyTimeout: 0,
    maxResponseSize: maxAnswerBytes,
  });
}

function failureOf(error: unknown) {
  const code = error instanceof Error && 'code' in error ? error.code : null;
  if (code === 'ECONNREFUSED') return 'refused';
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return 'tooLarge';
  if (typeof code === 'string' && neverConnected.has(code)) return 'notSent';
  return 'broken';
}

const neverConnected = new Set([
  'UND_ERR_CONNECT_TIMEOUT',
  'ENOTFOUND',
  'EAI_AGAIN',
  'EHOSTUNREACH',
  'ENETUNREACH',
  'CERT_HAS_EXPIRED',
  'DEPTH_ZERO_SELF_SIGNED_CERT',
  'SELF_SIGNED_CERT_IN_CHAIN',
  'UNABLE_TO_VERIFY_LEAF_SIGNATURE',
  'ERR_TLS_CERT_ALTNAME_INVALID',
]);

/** A header that came once; of a repeated one the first. */
function text(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) ?? null;
}
