import { randomUUID } from 'node:crypto';
import type { IncomingMessage } from 'node:http';

/** The request id: the client's own (`X-Request-Id`) where it is safe to repeat, else a new one. */
export function requestIdOf({ headers: { 'x-request-id': own } }: IncomingMessage): string {
  return typeof own === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(own) ? own : randomUUID();
}
