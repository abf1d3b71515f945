import { Client } from 'undici';
import type { Region } from '../regions.ts';
import { createConnector } from './connect.ts';
import { clientOptions } from './connection.ts';

/** The statuses by which a proxy says that the region behind it is out of order. */
export const outageStatuses: ReadonlySet<number> = new Set([502, 503]);

/** The status by which a proxy says that the region behind it did not answer in time. */
export const timeoutStatus = 504;

/**
 * Whether a region answers at all: a request without a token, over a new connection. Cinder answers it with its
 * versions; a proxy before it may refuse it, which is an answer too.
 * @param milliseconds the longest time to wait.
 */
export async function probe(region: Region, milliseconds: number): Promise<boolean> {
  const { origin, pathname } = new URL(region.endpoint);
  const client = new Client(origin, {
    ...clientOptions,
    connect: createConnector(region, { callMs: milliseconds, connectMs: milliseconds }),
    maxResponseSize: 1024 * 1024,
  });
  try {
    const { statusCode, body } = await client.request({
      method: 'GET',
      path: `${pathname.replace(/\/$/, '')}/`,
      headers: { accept: 'application/json' },
      signal: AbortSignal.timeout(milliseconds),
    });
    // Unlike `dump`, this fails where the body does not come to its end.
    await body.arrayBuffer();
    return !outageStatuses.has(statusCode) && statusCode !== timeoutStatus;
  } catch {
    return false;
  } finally {
    await client.destroy();
  }
}
