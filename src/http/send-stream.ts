import { abortSignalOf, type Signal } from '../fairness/until.ts';
import type { StreamedAnswer } from '../gateway/answer.ts';
import { endRequestSpan } from '../telemetry/request-span.ts';
import type { Streams } from './admission/streams.ts';
import type { RequestInFlight } from './in-flight.ts';
import { logCutOff, type Responder, writeHead } from './respond.ts';
import { writeStream } from './write-out.ts';

/** Sends a streamed answer. Resolves when it is over. A subscription is counted as a stream instead of a request. */
export async function sendStream(
  responder: Responder,
  streams: Streams,
  flight: RequestInFlight,
  answer: StreamedAnswer,
): Promise<void> {
  const { admitted, principal, caller } = flight;
  const refusal = answer.kind === 'subscription' ? streams.refusal(principal) : null;
  // A stream that is neither read nor cancelled would keep its timers.
  if (refusal || caller.signal.aborted) await answer.stream.cancel();
  if (refusal) throw refusal;
  caller.signal.throwIfAborted();
  if (answer.kind === 'parts') {
    await write(responder, flight, answer, caller.signal);
    return;
  }
  const open = streams.open(principal);
  admitted.leave();
  try {
    await write(responder, flight, answer, AbortSignal.any([open.signal, abortSignalOf(caller.signal)]));
  } finally {
    open.close();
  }
}

/** Resolves when the stream has ended or the signal has aborted. */
async function write(
  responder: Responder,
  flight: RequestInFlight,
  { kind, status, headers, stream, report }: StreamedAnswer,
  signal: Signal,
): Promise<void> {
  const { caller, response, span, start } = flight;
  const { requestLog, costHeaders, logger } = responder;
  // Otherwise proxies hold the stream back: nginx to buffer it, others to compress it.
  const asItComes = { 'x-accel-buffering': 'no', 'cache-control': 'no-store, no-transform' };
  writeHead(responder, flight, status, { ...headers, ...costHeaders(report, null), ...asItComes });
  // The errors of later results are counted when they occur.
  const begun = { ...report, errorCodes: [] };
  requestLog.noteStatus(flight, status, begun);
  // Traces are kept for minutes: what is read for a subscription later has traces of its own.
  if (kind === 'subscription') endRequestSpan(span, status, begun);
  try {
    await writeStream(response, stream, signal, () => logCutOff(responder, flight));
  } finally {
    if (kind === 'parts') endRequestSpan(span, status, report);
    const milliseconds = Math.round(performance.now() - start);
    const { errorCodes } = report;
    const { requestId, spanContext } = caller;
    logger.info({ requestId, traceId: spanContext?.traceId, milliseconds, errorCodes }, 'stream ended');
  }
}
