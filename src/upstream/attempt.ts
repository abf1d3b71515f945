import { type Dispatcher, Pool } from 'undici';
import type { Region, RegionTable } from '../regions.ts';
import {
  type Send,
  traceparentOf,
  type UpstreamAnswer,
  UpstreamError,
  type UpstreamFailure,
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
  const lines = new Map(regions.map((region) => [region.code, openLine(region)]));
  const closing = new Set<Promise<void>>();

  function openLine({ endpoint }: Region): Line {
    const { origin, pathname } = new URL(endpoint);
    // Only so that none tries for ever: a call's own timer comes first, and undici's may be half a second early.
    const pool = new Pool(origin, { ...poolOptions, connectTimeout: options.timeoutMs + 1000 });
    return { pool, root: `${pathname.replace(/\/$/, '')}/v2/` };
  }

  /** Puts a new pool in the place of one whose answers cannot be trusted. */
  function replace(region: Region, { pool }: Line): void {
    if (lines.get(region.code)?.pool !== pool) return;
    lines.set(region.code, openLine(region));
    const closed = pool.destroy().finally(() => closing.delete(closed));
    closing.add(closed);
  }

  /** Apart from the request: the breaker keeps the last failed answer, and nothing of its caller shall stay with it. */
  const distrustOf = (region: Region, line: Line) => () => replace(region, line);

  return {
    async send(request, caller) {
      const line = lines.get(request.region.code);
      if (!line) throw new Error(`region ${request.region.code} is not in the table`);
      const identity = caller.identity(request.region);
      if (caller.signal.aborted) throw new UpstreamError('cancelled', request, caller.signal.reason, false);
      const left = Math.min(options.timeoutMs, caller.deadline - performance.now());
      if (left <= 0) throw new UpstreamError('timeout', request, undefined, false);
      const wire: Dispatcher.DispatchOptions = {
        method: request.method,
        path: `${line.root}${identity.tenant}${request.path}`,
        // An old Cinder answers XML unless asked for JSON (FACTS, "Read in older sources").
        headers: {
          accept: 'application/json',
          'x-auth-token': identity.token,
          'x-request-id': caller.requestId,
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(caller.trace && { traceparent: traceparentOf(caller.trace) }),
        },
        body: request.body ?? null,
      };
      const answer = await dispatch(line.pool, wire, request, caller.signal, left);
      return { ...answer, distrust: distrustOf(request.region, line) };
    },
    close: async () => {
      await Promise.all([...closing, ...Array.from(lines.values(), ({ pool }) => pool.destroy())]);
    },
  };
}

/** The way to one region. */
interface Line {
  readonly pool: Pool;
  /** What stands before the tenant in a path. */
  readonly root: string;
}

const poolOptions: Pool.Options = {
  // How many there are at once is the bulkhead's to say.
  connections: null,
  // A second answer on a shared connection could reach another caller.
  pipelining: 1,
  allowH2: false,
  // These fire late, and never while a body trickles in; a timer of each call is exact.
  headersTimeout: 0,
  bodyTimeout: 0,
  // A full page of 1000 volumes is about 1.5 MB.
  maxResponseSize: 32 * 1024 * 1024,
};

/**
 * One exchange, until its answer is whole, its time is up or its caller leaves. Only here is known whether a request
 * has been handed to a socket, and so whether a write may have been carried out.
 */
function dispatch(
  pool: Pool,
  wire: Dispatcher.DispatchOptions,
  request: UpstreamRequest,
  signal: AbortSignal,
  milliseconds: number,
): Promise<Omit<UpstreamAnswer, 'distrust'>> {
  return new Promise((resolve, reject) => {
    let started: Dispatcher.DispatchController | null = null;
    let isOver = false;
    let status = 0;
    let headers: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2] = {};
    const chunks: Buffer[] = [];

    function end(): void {
      isOver = true;
      clearTimeout(timer);
      signal.removeEventListener('abort', onAbort);
    }

    function fail(kind: UpstreamFailure, cause?: unknown): void {
      if (isOver) return;
      end();
      const error = new UpstreamError(kind, request, cause, started !== null);
      started?.abort(error);
      reject(error);
    }

    const onAbort = () => fail('cancelled', signal.reason);
    // After a pause of this process the timer comes before what has arrived meanwhile: that is read first.
    const timer = setTimeout(() => setImmediate(fail, 'timeout'), Math.ceil(milliseconds));
    signal.addEventListener('abort', onAbort);
    pool.dispatch(wire, {
      onRequestStart(controller) {
        // Whoever waited for a connection may have left meanwhile.
        if (isOver) controller.abort(new Error('nobody waits for the answer'));
        else started = controller;
      },
      onResponseStart(_, statusCode, received) {
        status = statusCode;
        headers = received;
      },
      onResponseData: (_, chunk) => void chunks.push(chunk),
      onResponseEnd() {
        if (isOver) return;
        end();
        resolve({
          status,
          contentType: text(headers['content-type'])?.split(';')[0]?.trim().toLowerCase() ?? '',
          requestId: text(headers['x-openstack-request-id']),
          retryAfter: text(headers['retry-after']),
          chunks,
        });
      },
      onResponseError: (_, error) => fail(failureOf(error, started !== null), error),
    });
  });
}

function failureOf(error: Error, wasSent: boolean): UpstreamFailure {
  const code = 'code' in error ? error.code : null;
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return 'tooLarge';
  if (wasSent) return 'broken';
  return code === 'ECONNREFUSED' ? 'refused' : 'notSent';
}

/** A header that came once; of a repeated one the first. */
function text(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) ?? null;
}
