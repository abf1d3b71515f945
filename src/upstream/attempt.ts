import type { Dispatcher, Pool } from 'undici';
import type { Region, RegionTable } from '../regions.ts';
import { createConnector } from './connect.ts';
import { dispatch } from './dispatch.ts';
import { UpstreamError } from './error.ts';
import { openPool } from './pool.ts';
import type { Send } from './send.ts';
import { traceHeadersOf } from './trace-context.ts';

/** Sends each call once, over one connection pool a region. */
export interface Attempt {
  readonly send: Send;
  close(): Promise<void>;
}

/**
 * @param options.timeoutMs the longest one REST call may take, in milliseconds; the caller's deadline may be nearer.
 * @param options.warn is called with what is wrong with a renewed client certificate of a region.
 */
export function createAttempt(
  regions: RegionTable,
  { timeoutMs, warn }: { timeoutMs: number; warn: (problem: string, region: Region) => void },
): Attempt {
  // `connectMs` is a safety net for attempts whose call has ended; the call's own timer fires first.
  const limits = { callMs: timeoutMs, connectMs: timeoutMs + 1000 };
  const routes = new Map(regions.map((region) => [region.code, openRoute(region)]));

  function openRoute(region: Region): Route {
    const { origin, pathname } = new URL(region.endpoint);
    const connector = createConnector(region, limits, (problem) => warn(problem, region));
    return { pool: openPool(origin, connector), root: pathname.replace(/\/$/, '') };
  }

  function routeTo({ code }: Region): Route {
    const route = routes.get(code);
    if (!route) throw new Error(`region ${code} is not in the table`);
    return route;
  }

  return {
    // Not async: that would take three more turns of the microtask queue. The layers around it turn what it throws into a
    // rejection.
    send(request, caller) {
      const { pool, root } = routeTo(request.region);
      const { tenant, token } = caller.identity(request.region);
      if (caller.signal.aborted) throw new UpstreamError('cancelled', request, { cause: caller.signal.reason });
      const milliseconds = Math.min(timeoutMs, caller.deadline - performance.now());
      if (milliseconds <= 0) throw new UpstreamError('timeout', request);
      const wire: Dispatcher.DispatchOptions = {
        method: request.method,
        path: `${root}/v2/${tenant}${request.path}`,
        headers: {
          // An old Cinder answers XML unless asked for JSON (FACTS, "Read in older sources").
          accept: 'application/json',
          // Without it a proxy may compress as it likes (RFC 9110, 12.5.3).
          'accept-encoding': 'identity',
          // Messages tell some refusals apart, and Cinder translates them (FACTS 9).
          'accept-language': 'en',
          'x-auth-token': token,
          'x-request-id': caller.requestId,
          'x-openstack-request-id': caller.globalRequestId,
          ...(request.body === undefined ? {} : { 'content-type': 'application/json' }),
          ...(caller.spanContext && traceHeadersOf(caller.spanContext)),
        },
        body: request.body ?? null,
      };
      return dispatch(pool, wire, request, { caller, milliseconds, timeoutMs });
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
