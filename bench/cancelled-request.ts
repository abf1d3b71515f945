import { once } from 'node:events';
import { connect, type Socket } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import type { Random } from './random.ts';

/** When a client leaves. */
export const moments = ['in the headers', 'in the body', 'while waiting', 'in the answer', 'in the events'] as const;
export type Moment = (typeof moments)[number];

/** How long the upstream takes for each call, in milliseconds; a list with its types and snapshots makes three. */
export const slowness = 60;

/** What is asked, and by whom. */
export interface Asking {
  readonly token: string;
  readonly tenant: string;
  readonly query: string;
  /** `Accept`, where it is to be an event stream. */
  readonly accept?: string;
}

/** A gateway that neither answers nor hangs up is waited for so long, in milliseconds. */
const patienceMs = 15_000;

/**
 * Sends a request and leaves at a random moment of the kind; gives how it ended.
 * @param asking a list of upstream.ts when left out.
 */
export async function sendCancelled(
  url: string,
  moment: Moment,
  random: Random,
  asking = defaultAsking(moment, random),
): Promise<'left' | 'answered'> {
  const socket = connect(Number(new URL(url).port), '127.0.0.1').once('error', () => {});
  try {
    await once(socket, 'connect');
    const [head, body] = requestOf(asking);
    const most = { 'in the headers': head.length, 'in the body': body.length }[moment as string];
    const cut = most && Math.floor(random.between(1, most));
    if (moment === 'in the headers') socket.write(head.slice(0, cut));
    else socket.write(head + body.slice(0, cut));
    if (moment === 'in the answer' || moment === 'in the events') {
      const [beginning]: Buffer[] = await once(socket, 'data', { signal: AbortSignal.timeout(patienceMs) });
      if (!beginning?.includes(' 200 ')) return 'answered';
      if (moment === 'in the answer') socket.pause();
      await delay(random.between(0, moment === 'in the answer' ? 20 : 2 * slowness));
      return 'left';
    }
    // Up to a little more than the answer takes, so that some leave at the very moment it comes.
    const patience = moment === 'while waiting' ? slowness * 1.2 : slowness / 3;
    const answered = once(socket, 'data').then(() => 'answered' as const);
    return await Promise.race([answered, delay(random.between(0, patience), 'left' as const)]);
  } catch {
    // The gateway was first to hang up.
    return 'answered';
  } finally {
    leave(socket, random);
  }
}

/** With a reset, or as a browser tab that is closed: both happen. */
function leave(socket: Socket, random: Random): void {
  if (random() < 0.5) socket.destroy();
  else socket.resetAndDestroy();
}

function defaultAsking(moment: Moment, random: Random): Asking {
  if (moment === 'in the events') {
    const place = Math.floor(random.between(0, 20)).toString(16).padStart(12, '0');
    return {
      token: `bench-${Math.floor(random.between(0, 8))}`,
      tenant: `rows-20-after-${slowness}`,
      query: `subscription { volumeUpdated(id: "00000001-0000-4000-8000-${place}", region: KR1) { status volumeType { name } } }`,
      accept: 'text/event-stream',
    };
  }
  return {
    token: `bench-${Math.floor(random.between(0, 8))}`,
    // An answer of 2 MB, more than fits into the buffers of a connection whose reader has stopped.
    tenant: moment === 'in the answer' ? 'rows-100-wide-20000' : `rows-20-after-${slowness}`,
    query: `{ region(code: KR1) { volumes(first: 100) { totalCount nodes {
      name description status volumeType { name } snapshots { nodes { name } }
    } } } }`,
  };
}

function requestOf({ token, tenant, query, accept = '*/*' }: Asking): [head: string, body: string] {
  const body = JSON.stringify({ query });
  const head = [
    'POST /graphql HTTP/1.1',
    'Host: bench',
    `Accept: ${accept}`,
    'Content-Type: application/json',
    `Content-Length: ${body.length}`,
    `X-Auth-Token: ${token}`,
    `X-Tenant-Id: ${tenant}`,
  ].join('\r\n');
  return [`${head}\r\n\r\n`, body];
}
