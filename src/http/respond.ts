import { STATUS_CODES } from 'node:http';
import type { Config } from '../config/config.ts';
import { partialSuccess } from '../errors/partial-failure.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { traceparentOf } from '../upstream/trace-context.ts';
import { type CostHeaders, createCostHeaders } from './cost-headers.ts';
import type { RequestInFlight } from './in-flight.ts';
import { createRequestLog, type RequestLog } from './request-log.ts';
import { createResponseHeaders, type ResponseHeaders } from './response-headers.ts';
import { writeOut } from './write-out.ts';

/** What the functions that respond to GraphQL requests share. Only they write headers, log lines and metrics of requests. */
export interface Responder {
  readonly headers: ResponseHeaders;
  readonly costHeaders: CostHeaders;
  readonly requestLog: RequestLog;
  readonly logger: Logger;
  readonly metrics: Metrics;
}

/** @param isClosing true during shutdown: responses then carry `Connection: close`. */
export function createResponder(
  config: Pick<Config, 'corsOrigins' | 'regions' | 'costHeaders' | 'queryLimits'>,
  logger: Logger,
  metrics: Metrics,
  isClosing: () => boolean,
): Responder {
  return {
    headers: createResponseHeaders(config, isClosing),
    costHeaders: createCostHeaders(config),
    requestLog: createRequestLog(logger, metrics),
    logger,
    metrics,
  };
}

type Headers = Readonly<Record<string, string>>;

export function writeHead({ headers }: Responder, flight: RequestInFlight, status: number, own: Headers): void {
  const { request, response, caller } = flight;
  response.writeHead(status, reasons.get(status) ?? STATUS_CODES[status] ?? '', {
    ...headers.ofAnswer(request, caller.requestId, own),
    ...(caller.spanContext && { traceparent: traceparentOf(caller.spanContext) }),
  });
}

/** Writes a whole response. */
export function write(
  responder: Responder,
  flight: RequestInFlight,
  status: number,
  headers: Headers,
  body: Buffer | string,
): void {
  const length = status === 304 ? {} : { 'content-length': String(Buffer.byteLength(body)) };
  writeHead(responder, flight, status, { ...headers, ...length });
  writeOut(flight.response, body, () => logCutOff(responder, flight));
}

export function logCutOff({ logger }: Responder, { caller }: RequestInFlight): void {
  logger.warn({ requestId: caller.requestId }, 'client stalled, connection closed');
}

/** Reason phrases that Node does not know. */
const reasons = new Map([[partialSuccess, 'Partial Success']]);
