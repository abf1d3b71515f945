import { Client } from 'undici';
import type { Region } from '../regions.ts';
import { createConnector } from './connect.ts';
import { type CallClass, connectTimeout, type Fault, faultOf, isOfProxy } from './fault.ts';
import { since } from './observe.ts';
import { classOfStatus } from './outcome.ts';
import { clientOptions } from './pool.ts';

/** What came of a probe. */
export interface Probed {
  /** Null if no complete answer came. */
  readonly status: number | null;
  /** Null if the region is well. */
  readonly fault: Fault | null;
  readonly class: CallClass;
  readonly milliseconds: number;
}

/**
 * Finds out whether a region answers at all: sends a request without a token over a new connection. Cinder answers it with
 * its versions. A proxy before it may refuse it, which is an answer too.
 * @param milliseconds the longest time to wait.
 */
export async function probe(region: Region, milliseconds: number): Promise<Probed> {
  const start = performance.now();
  const { origin, pathname } = new URL(region.endpoint);
  const client = new Client(origin, {
    ...clientOptions,
    connect: createConnector(region, { callMs: milliseconds, connectMs: milliseconds }),
    maxResponseSize: 1024 * 1024,
  });
  const signal = AbortSignal.timeout(milliseconds);
  let timeout = connectTimeout(region);
  client.once('connect', () => {
    timeout = { code: 'HEADERS_TIMEOUT', class: 'timeout' };
  });
  try {
    const { statusCode, body } = await client.request({
      method: 'GET',
      path: `${pathname.replace(/\/$/, '')}/`,
      headers: { accept: 'application/json' },
      signal,
    });
    timeout = { code: 'BODY_TIMEOUT', class: 'timeout' };
    // Unlike `dump`, this fails where the body does not come to its end.
    await body.arrayBuffer();
    const fault = isOfProxy(statusCode) ? ({ code: `HTTP_${statusCode}`, class: '5xx' } as const) : null;
    return { status: statusCode, fault, class: classOfStatus(statusCode), milliseconds: since(start) };
  } catch (error) {
    // What undici throws is an error.
    const fault = signal.aborted ? timeout : faultOf(error as Error);
    return { status: null, fault, class: fault.class, milliseconds: since(start) };
  } finally {
    await client.destroy();
  }
}
