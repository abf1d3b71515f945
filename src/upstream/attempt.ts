import type { Socket } from 'node:net';
import type { Dispatcher, Pool } from 'undici';
import type { Region, RegionTable } from '../regions.ts';
import { CallTimer } from './call-timer.ts';
import { type CarriedHandler, clientOptions, openPool } from './connection.ts';
import { Receiving } from './receive.ts';
import {
  type Caller,
  type Evidence,
  outOfMemory,
  type Send,
  traceparentOf,
  type UpstreamAnswer,
  UpstreamError,
  type UpstreamFailure,
  type UpstreamRequest,
} from './send.ts';

/** Sends each call once, over one connection pool a region. */
export interface Attempt {
  readonly send: Send;
  close(): Promise<void>;
}

/** @param options.timeoutMs the longest one REST call may take, in milliseconds; the caller's deadline may be nearer. */
export function createAttempt(regions: RegionTable, { timeoutMs }: { timeoutMs: number }): Attempt {
  // A safety net for connection attempts whose call has ended: a call's own timer always comes first.
  const connectTimeout = timeoutMs + 1000;
  const routes = new Map(regions.map((region) => [region.code, openRoute(region)]));

  function openRoute({ endpoint }: Region): Route {
    const { origin, pathname } = new URL(endpoint);
    return { pool: openPool(origin, connectTimeout), root: pathname.replace(/\/$/, '') };
  }

  function routeTo({ code }: Region): Route {
    const route = routes.get(code);
    if (!route) throw new Error(`region ${code} is not in the table`);
    return route;
  }

  return {
    async send(request, caller) {
      const { pool, root } = routeTo(request.region);
      const { tenant, token } = caller.identity(request.region);
      if (caller.signal.aborted) throw new UpstreamError('cancelled', request, { cause: caller.signal.reason });
      const left = Math.min(timeoutMs, caller.deadline - performance.now());
      if (left <= 0) throw new UpstreamError('timeout', request);
      const wire: Dispatcher.DispatchOptions = {
        method: request.method,
        path: `${root}/v2/${tenant}${request.path}`,
        // An old Cinder answers XML unless asked for JSON (FACTS, "Read in older sources").
        headers: {
          accept: 'application/json',
          'x-auth-token': token,
          'x-request-id': caller.requestId,
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(caller.trace && { traceparent: traceparentOf(caller.trace) }),
        },
        body: request.body ?? null,
      };
      return exchange(pool, wire, request, { caller, milliseconds: left, timeoutMs });
    },
    close: async () => {
      await Promise.all(Array.from(routes.values(), ({ pool }) => pool.destroy()));
    },
  };
}

/** How a region is reached. */
interface Route {
  readonly pool: Pool;
  /** The endpoint's path, without a slash at its end. */
  readonly root: string;
}

/** Why a connection was closed by the gateway itself. Made once: each error made would walk the stack. */
const retired = new Error('the connection was closed because an answer on it may have belonged to another call');

/** A timeout counts only if the call had at least this share of `timeoutMs`. */
const leastShareOfTime = 0.9;

interface Limits {
  readonly caller: Caller;
  /** How long this exchange may take. */
  readonly milliseconds: number;
  /** How long a call may take that the caller's deadline does not cut short. */
  readonly timeoutMs: number;
}

/**
 * One exchange, until its answer is complete, its time is up or its caller leaves. Only here is known whether a request
 * was handed to a socket, and so whether a write may have been carried out.
 */
function exchange(
  pool: Pool,
  wire: Dispatcher.DispatchOptions,
  request: UpstreamRequest,
  { caller, milliseconds, timeoutMs }: Limits,
): Promise<UpstreamAnswer> {
  const { signal } = caller;
  return new Promise((resolve, reject) => {
    let started: Dispatcher.DispatchController | null = null;
    let isOver = false;
    let status = 0;
    let headers: Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2] = {};
    let socketOf: () => Socket | null = () => null;
    const body = new Receiving(caller.memory);
    /** Resolves when what has come of the body is paid for. */
    let payment: Promise<void> | null = null;

    function end(): void {
      isOver = true;
      timer.stop();
      signal.removeEventListener('abort', onAbort);
    }

    function fail(kind: UpstreamFailure, evidence: Evidence, cause?: unknown): void {
      failWith(new UpstreamError(kind, request, { cause, sent: started !== null, evidence }));
    }

    function failWith(error: UpstreamError): void {
      if (isOver) return;
      end();
      body.drop();
      started?.abort(error);
      reject(error);
    }

    async function pay(controller: Dispatcher.DispatchController): Promise<void> {
      controller.pause();
      timer.stand();
      const shortage = await body.pay(caller);
      if (isOver) return;
      if (shortage) failWith(outOfMemory(shortage, request));
      else {
        timer.goOn();
        controller.resume();
      }
    }

    async function finishLarge(): Promise<void> {
      await payment;
      if (isOver) return;
      timer.stop();
      const shortage = await body.finish(caller);
      if (shortage) failWith(outOfMemory(shortage, request));
      else finish();
    }

    function finish(): void {
      if (isOver) return;
      end();
      const carrier = socketOf();
      resolve({
        status,
        contentType: text(headers['content-type'])?.split(';')[0]?.trim().toLowerCase() ?? '',
        requestId: text(headers['x-openstack-request-id']),
        retryAfter: text(headers['retry-after']),
        ...body.result(),
        retireConnection: () => void carrier?.destroy(retired),
      });
    }

    const onAbort = () => fail('cancelled', null, signal.reason);
    const timer = new CallTimer(milliseconds, caller.deadline, (isTelling) => {
      const hadItsTime = milliseconds >= leastShareOfTime * timeoutMs;
      const evidence = started === null ? 'againstRegion' : 'againstCaller';
      fail('timeout', hadItsTime && isTelling ? evidence : null);
    });
    signal.addEventListener('abort', onAbort);
    const handler: CarriedHandler = {
      onConnection({ socket }) {
        socketOf = socket;
      },
      onRequestStart(controller) {
        // The caller may have left while the connection was made.
        if (isOver) controller.abort(new Error('nobody waits for the answer'));
        else started = controller;
      },
      onResponseStart(_, statusCode, received) {
        status = statusCode;
        headers = received;
        const length = Number(text(received['content-length']) ?? Number.NaN);
        if (length > clientOptions.maxResponseSize) fail('tooLarge', null);
        else body.expect(length);
      },
      onResponseData(controller, chunk) {
        if (!isOver && !body.take(chunk)) payment ??= pay(controller).finally(() => (payment = null));
      },
      onResponseEnd() {
        if (body.isSmall()) finish();
        else void finishLarge();
      },
      onResponseError(_, error) {
        const kind = failureOf(error, started !== null);
        const isTelling = kind !== 'tooLarge' && error !== retired && !timer.hasStood;
        fail(kind, isTelling ? 'againstRegion' : null, error);
      },
    };
    pool.dispatch(wire, handler);
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
