import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Accepted } from '../operation.ts';
import type { RequestInFlight } from './in-flight.ts';
import { gatewayFailed, Refusal } from './refusal.ts';
import { requestIdOf } from './request-id.ts';
import { type Responder, write } from './respond.ts';

/** Answers a request for which an error was thrown, by what has become of it. */
export function sendError(responder: Responder, flight: RequestInFlight, error: unknown): void {
  // The status that nginx logs when the client has left. It is never sent.
  if (!flight.response.headersSent && flight.caller.signal.aborted) responder.requestLog.noteEnd(flight, 499, {});
  else if (!flight.response.headersSent && error instanceof Refusal) sendRefusal(responder, flight, error);
  else sendFault(responder, flight, error);
}

/** Answers 500 after a fault of the gateway; only logs the fault if the head of the response was sent. */
export function sendFault(responder: Responder, flight: RequestInFlight, error: unknown): void {
  if (flight.response.headersSent) {
    responder.logger.error({ requestId: flight.caller.requestId, error }, 'failed behind the answer');
    return;
  }
  writeRefusal(responder, flight, gatewayFailed);
  responder.requestLog.noteEnd(flight, 500, { errorCodes: ['INTERNAL_SERVER_ERROR'] }, error);
}

/** Refuses a request before any work was done for it, as cheaply as possible: it may be one of thousands. */
export function turnAway(
  { headers, requestLog }: Responder,
  request: IncomingMessage,
  response: ServerResponse,
  accepts: Accepted | null,
  refusal: Refusal,
): void {
  const body = bodyOf(refusal);
  response.writeHead(refusal.status, {
    ...headers.ofAnswer(request, requestIdOf(request), { ...jsonFor(accepts), ...refusal.headers }),
    'content-length': Buffer.byteLength(body),
  });
  response.end(body, 'latin1');
  requestLog.noteTurnedAway(refusal);
}

/** Refuses a request that has not been executed. */
function sendRefusal(responder: Responder, flight: RequestInFlight, refusal: Refusal): void {
  writeRefusal(responder, flight, refusal);
  if (refusal.share) responder.metrics.refused(refusal.share);
  responder.requestLog.noteEnd(flight, refusal.status, { errorCodes: [refusal.code] });
}

function writeRefusal(responder: Responder, flight: RequestInFlight, refusal: Refusal): void {
  write(responder, flight, refusal.status, { ...jsonFor(flight.accepts), ...refusal.headers }, bodyOf(refusal));
}

/** The media type also tells clients whether a response other than 200 comes from GraphQL (GraphQL over HTTP, 6.4.2). */
function jsonFor(accepts: Accepted | null) {
  return { 'content-type': `${accepts?.json ?? 'application/json'}; charset=utf-8` };
}

function bodyOf({ code, message, headers }: Refusal): string {
  const wait = headers['retry-after'];
  const extensions = { code, ...(wait === undefined ? {} : { retryAfter: Number(wait) }) };
  return JSON.stringify({ errors: [{ message, extensions }] });
}
