import { jsonOf } from './answer-body.ts';
import { UpstreamError } from './error.ts';
import type { CallClass, Fault } from './fault.ts';
import type { UpstreamAnswer } from './send.ts';

export function classOf(outcome: UpstreamAnswer | UpstreamError): CallClass {
  if (outcome instanceof UpstreamError) return outcome.fault?.class ?? 'other';
  return faultIn(outcome)?.class ?? classOfStatus(outcome.status);
}

export function classOfStatus(status: number): CallClass {
  if (status < 300) return '2xx';
  if (status < 400) return '3xx';
  return status < 500 ? '4xx' : '5xx';
}

/** The fault that a complete answer shows; null if the region does what it should. */
export function faultIn(answer: UpstreamAnswer): Fault | null {
  const { status } = answer;
  if (status >= 500) return { code: status > 599 ? 'HTTP_OTHER' : `HTTP_${status}`, class: '5xx' };
  return isOfTheApi(answer) ? null : notTheApi;
}

const notTheApi: Fault = { code: 'NOT_THE_API', class: 'unreadable' };

/**
 * False if the answer is surely of another server: a redirect, a success that is not JSON, a 404 that names no object, or a
 * page that says 400, as a server does that expects TLS. Other refusals may come from a proxy before the API, in any form.
 */
function isOfTheApi(answer: UpstreamAnswer): boolean {
  const { status, contentType, chunks } = answer;
  if (status === 400) return contentType !== 'text/html';
  if (status === 404) return contentType === 'application/json' && jsonOf(answer).includes('"itemNotFound"');
  if (status >= 300) return status >= 400;
  return contentType === 'application/json' || chunks.every(({ length }) => length === 0);
}
