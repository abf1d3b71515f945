import type { DataAnswer, FailureAnswer } from '../gateway/answer.ts';
import type { Recorded } from '../replay/store.ts';
import { etagOf, isNamed } from './etag.ts';
import type { RequestInFlight } from './in-flight.ts';
import { sentOf } from './request-log.ts';
import { type Responder, write } from './respond.ts';
import { policyOfPage } from './response-headers.ts';
import { sendFault } from './send-error.ts';

/** Sends data; for GET with an ETag, and with 304 if the client has the data already. */
export function sendData(
  responder: Responder,
  flight: RequestInFlight,
  { contentType, body, report }: Pick<DataAnswer, 'contentType' | 'body' | 'report'>,
): void {
  const headers = { 'content-type': contentType, ...responder.costHeaders(report, sentOf(flight).length) };
  const send = (etag: string | null) =>
    responder.requestLog.noteEnd(flight, writeData(responder, flight, headers, body, etag), report);
  const etag = flight.request.method === 'GET' ? etagOf(body, contentType) : null;
  if (etag instanceof Promise) etag.then(send).catch((error) => sendFault(responder, flight, error));
  else send(etag);
}

/** Sends a recorded answer. */
export function sendRecorded(responder: Responder, flight: RequestInFlight, { answer, report }: Recorded): void {
  responder.metrics.recorded();
  sendData(responder, flight, { ...answer, report });
}

/** Sends an answer in which something has failed. */
export function sendFailure(
  responder: Responder,
  flight: RequestInFlight,
  { status, headers, body, report }: FailureAnswer,
): void {
  write(responder, flight, status, { ...headers, ...responder.costHeaders(report, sentOf(flight).length) }, body);
  responder.requestLog.noteEnd(flight, status, report);
}

/** Sends GraphiQL. */
export function sendPage(responder: Responder, flight: RequestInFlight, html: Buffer): void {
  const headers = { 'content-type': 'text/html; charset=utf-8', 'content-security-policy': policyOfPage };
  write(responder, flight, 200, headers, html);
  responder.requestLog.noteEnd(flight, 200, {});
}

/** Writes data; with an ETag also 304. Returns the status. */
function writeData(
  responder: Responder,
  flight: RequestInFlight,
  headers: Readonly<Record<string, string>>,
  body: Buffer,
  etag: string | null,
): number {
  const kept = etag === null ? {} : responder.headers.ofKept(etag);
  const isHeld = etag !== null && isNamed(etag, flight.request.headers['if-none-match']);
  write(responder, flight, isHeld ? 304 : 200, { ...headers, ...kept }, isHeld ? '' : body);
  return isHeld ? 304 : 200;
}
