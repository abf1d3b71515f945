import { randomUUID } from 'node:crypto';
import { getEventListeners } from 'node:events';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { SpanContext } from '@opentelemetry/api';
import { readIdentity, readTenant } from '../identity.ts';
import type { Region } from '../regions.ts';
import type { Caller, Identity } from '../upstream/send.ts';

/** Why a request is over. Made once: to make an error costs more than all else that is done at its end. */
const answered = new Error('the request is answered');
const gone = new Error('the client left');

/** Whoever is behind a request. Its signal aborts when the client leaves, and at the end of the request. */
export interface RequestCaller extends Caller {
  finish(): void;
}

/** @param options.timeoutMs the longest time for the whole request, in milliseconds. */
export function createCaller(
  request: IncomingMessage,
  response: ServerResponse,
  options: { timeoutMs: number; trace: SpanContext | null; observe: Caller['observe'] },
): RequestCaller {
  const identities = new Map<string, Identity>();
  const left = new AbortController();
  let isOver = false;
  let isRepeatable = true;
  response.on('close', () => {
    if (!response.writableFinished) left.abort(gone);
  });
  return {
    identity(region: Region) {
      const identity = identities.get(region.code) ?? readIdentity(request.headersDistinct, region);
      identities.set(region.code, identity);
      return identity;
    },
    tenant: (region) => readTenant(request.headersDistinct, region),
    get signal() {
      if (isOver && !left.signal.aborted) left.abort(answered);
      return left.signal;
    },
    deadline: performance.now() + options.timeoutMs,
    requestId: requestIdOf(request),
    trace: options.trace,
    observe: options.observe,
    noteUnrepeatable() {
      isRepeatable = false;
    },
    isRepeatable: () => isRepeatable,
    finish() {
      isOver = true;
      // An abort makes an event even where nobody listens; who asks later is told then.
      if (getEventListeners(left.signal, 'abort').length > 0) left.abort(answered);
    },
  };
}

/** The client's own where it is safe to repeat, else a new one. */
export function requestIdOf({ headers: { 'x-request-id': own } }: IncomingMessage): string {
  return typeof own === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(own) ? own : randomUUID();
}
