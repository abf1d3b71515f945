import { createHash, hash } from 'node:crypto';
import { type IncomingMessage, type ServerResponse, STATUS_CODES } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Span } from '@opentelemetry/api';
import type { Config } from '../config/config.ts';
import { partialSuccess } from '../errors/partial-failure.ts';
import type { StreamedAnswer, WholeAnswer } from '../gateway/gateway.ts';
import { graphqlResponse, type OperationReport } from '../operation.ts';
import type { RegionTable } from '../regions.ts';
import type { Recorded } from '../replay/store.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { endRequestSpan } from '../telemetry/request-span.ts';
import { refusalOf } from '../upstream/failure.ts';
import type { Caller, Exchange } from '../upstream/send.ts';
import { traceparentOf } from '../upstream/trace-context.ts';
import { readAccept } from './accept.ts';
import { hasBoundedBody } from './body.ts';
import { requestIdOf } from './caller.ts';
import { type ClientName, createClients } from './client-name.ts';
import { createCors } from './cors.ts';
import { createCostHeaders } from './cost-headers.ts';
import { gatewayFailed, type Refusal } from './refusal.ts';
import type { Waits } from './waits.ts';
import { writeOut, writeStream } from './write-out.ts';

/** A GraphQL request, its response, and what is recorded about it. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: Caller;
  readonly exchanges: readonly Exchange[];
  readonly span: Span;
  /** On the clock of `performance.now()`. */
  readonly start: number;
  /** The time in which the request waits for regions or for its body. */
  readonly waits: Waits;
  /** Undefined if the client does not name itself. */
  readonly client: ClientName | undefined;
  /** The owner of the request's work, as far as it is known by now: see `Principals`. */
  readonly owner: () => string;
}

/** The only place that writes headers, log lines and metrics of requests. */
export interface Finish {
  /** Sends what the GraphQL server answered. */
  answer(call: Call, answer: WholeAnswer): void;
  /** Sends a streamed answer. Resolves when the stream has ended or the signal has aborted. */
  stream(call: Call, answer: StreamedAnswer, signal: AbortSignal): Promise<void>;
  /** Sends a recorded answer. */
  recorded(call: Call, recorded: Recorded): void;
  /** Sends GraphiQL. */
  page(call: Call, html: Buffer): void;
  /** Answers a CORS preflight request. */
  preflight(request: IncomingMessage, response: ServerResponse): void;
  /** Refuses a request that has not been executed. */
  refuse(call: Call, refusal: Refusal): void;
  /** Refuses a request before any work was done for it, as cheaply as possible: it may be one of thousands. */
  turnAway(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void;
  /** Answers 500 after a fault of the gateway. */
  failed(call: Call, error: unknown): void;
  /** Logs a fault of the gateway after the head of the response was sent. */
  broken(call: Call, error: unknown): void;
  /** Logs a request whose client has left. */
  left(call: Call): void;
  text(response: ServerResponse, status: number, text: string): void;
  /** @param location relative to the path of the request. */
  redirect(response: ServerResponse, location: string): void;
  metrics(response: ServerResponse): Promise<void>;
}

/** @param isClosing true during shutdown: responses then carry `Connection: close`. */
export function createFinish(
  config: Pick<Config, 'corsOrigins' | 'regions' | 'costHeaders' | 'queryLimits'>,
  logger: Logger,
  metrics: Metrics,
  isClosing: () => boolean,
): Finish {
  const closing = (request: IncomingMessage) =>
    isClosing() || (!request.complete && !hasBoundedBody(request)) ? { connection: 'close' } : {};
  const cors = createCors(config);
  const costOf = createCostHeaders(config);
  const vary = ['Accept', 'Accept-Encoding', 'Origin', ...credentialHeaders(config.regions)].join(', ');
  const clients = createClients(metrics.clients);

  function log(call: Call, status: number, report: Partial<OperationReport>, error?: unknown): void {
    const elapsed = performance.now() - call.start;
    const milliseconds = Math.round(elapsed);
    const own = Math.max(0, elapsed - call.waits.milliseconds());
    metrics.request(status, milliseconds / 1000, report);
    metrics.ownTime(status, own / 1000);
    clients.count(call.client, call.owner());
    const calls: Record<string, number> = {};
    for (const { region } of sentOf(call)) calls[region] = (calls[region] ?? 0) + 1;
    const { client, request, caller } = call;
    const { requestId, globalRequestId, trace } = caller;
    const cost = report.cost && { calls: report.cost.calls, objects: report.cost.objects };
    const times = { milliseconds, ownMilliseconds: Math.round(own) };
    const line = {
      requestId,
      globalRequestId,
      traceId: trace?.traceId,
      client,
      method: request.method,
      status,
      ...times,
      calls,
      ...report,
      cost,
    };
    if (error === undefined) logger.info(line, 'request');
    else logger.error({ ...line, error }, 'request failed');
  }

  /** Records a request that is over. */
  function record(call: Call, status: number, report: Partial<OperationReport>, error?: unknown): void {
    log(call, status, report, error);
    endRequestSpan(call.span, status, report);
  }

  /** The headers of every response, together with those of this one. */
  function headersFor(request: IncomingMessage, requestId: string, own: Readonly<Record<string, string>>) {
    return { ...alwaysSent, ...cors(request), ...own, 'x-request-id': requestId, ...closing(request) };
  }

  function writeHead({ request, response, caller }: Call, status: number, own: Readonly<Record<string, string>>): void {
    response.writeHead(status, reasons.get(status) ?? STATUS_CODES[status] ?? '', {
      ...headersFor(request, caller.requestId, own),
      ...(caller.trace && { traceparent: traceparentOf(caller.trace) }),
    });
  }

  function write(call: Call, status: number, headers: Readonly<Record<string, string>>, body: Buffer | string): void {
    const length = status === 304 ? {} : { 'content-length': String(Buffer.byteLength(body)) };
    writeHead(call, status, { ...headers, ...length });
    writeOut(call.response, body, () => logCutOff(call));
  }

  function logCutOff({ caller }: Call): void {
    logger.warn({ requestId: caller.requestId }, 'client stalled, connection closed');
  }

  function refuse(call: Call, refusal: Refusal): void {
    write(call, refusal.status, { ...jsonFor(call.request), ...refusal.headers }, bodyOf(refusal));
  }

  let turnedAway = 0;

  /** Writes one line per second, so that a flood of requests does not flood the log. */
  function logTurnedAway(): void {
    if (turnedAway++ > 0) return;
    setTimeout(() => {
      logger.warn({ requests: turnedAway }, 'requests rejected: overloaded');
      turnedAway = 0;
    }, 1000);
  }

  /** Writes data; with an ETag also 304, if the client has the data already. Returns the status. */
  function writeData(call: Call, headers: Readonly<Record<string, string>>, body: Buffer, etag: string | null): number {
    if (etag === null) {
      write(call, 200, headers, body);
      return 200;
    }
    const kept = { etag, vary, 'cache-control': 'private, no-cache' };
    const isHeld = isNamed(etag, call.request.headers['if-none-match']);
    write(call, isHeld ? 304 : 200, { ...headers, ...kept }, isHeld ? '' : body);
    return isHeld ? 304 : 200;
  }

  function sendData(call: Call, { headers, body, report }: Pick<WholeAnswer, 'headers' | 'body' | 'report'>): void {
    const sent = { ...headers, ...costOf(report, sentOf(call).length) };
    const send = (etag: string | null) => record(call, writeData(call, sent, body, etag), report);
    const type = headers['content-type'] ?? '';
    if (call.request.method !== 'GET') send(null);
    else if (body.length <= largeBytes) send(etagOf(body, type));
    else
      etagOfLarge(body, type)
        .then(send)
        .catch((error) => (call.response.headersSent ? broken : failed)(call, error));
  }

  function broken({ caller }: Call, error: unknown): void {
    logger.error({ requestId: caller.requestId, error }, 'failed behind the answer');
  }

  function failed(call: Call, error: unknown): void {
    refuse(call, gatewayFailed);
    record(call, 500, { errorCodes: ['INTERNAL_SERVER_ERROR'] }, error);
  }

  return {
    answer(call, answer) {
      if (answer.isPlain) sendData(call, answer);
      else {
        const headers = { ...answer.headers, ...costOf(answer.report, sentOf(call).length) };
        write(call, answer.status, headers, answer.body);
        record(call, answer.status, answer.report);
      }
    },
    async stream(call, { status, headers, stream, report, isLong }, signal) {
      const { caller, response, start } = call;
      // Otherwise proxies hold the stream back: nginx to buffer it, others to compress it.
      const asItComes = { 'x-accel-buffering': 'no', 'cache-control': 'no-store, no-transform' };
      writeHead(call, status, { ...headers, ...costOf(report, null), ...asItComes });
      // The errors of later results are counted when they occur.
      const begun = { ...report, errorCodes: [] };
      log(call, status, begun);
      // Traces are kept for minutes: what is read for a subscription later has traces of its own.
      if (isLong) endRequestSpan(call.span, status, begun);
      try {
        await writeStream(response, stream, signal, () => logCutOff(call));
      } finally {
        if (!isLong) endRequestSpan(call.span, status, report);
        const milliseconds = Math.round(performance.now() - start);
        const { errorCodes } = report;
        logger.info(
          { requestId: caller.requestId, traceId: caller.trace?.traceId, milliseconds, errorCodes },
          'stream ended',
        );
      }
    },
    recorded(call, { answer, report }) {
      metrics.recorded();
      sendData(call, { headers: { 'content-type': answer.contentType }, body: answer.body, report });
    },
    page(call, html) {
      write(call, 200, { 'content-type': 'text/html; charset=utf-8' }, html);
      record(call, 200, {});
    },
    preflight(request, response) {
      response.writeHead(204, { ...alwaysSent, ...cors(request), ...closing(request) }).end();
    },
    refuse(call, refusal) {
      refuse(call, refusal);
      if (refusal.share) metrics.refused(refusal.share);
      record(call, refusal.status, { errorCodes: [refusal.code] });
    },
    turnAway(request, response, refusal) {
      const body = bodyOf(refusal);
      response.writeHead(refusal.status, {
        ...headersFor(request, requestIdOf(request), { ...jsonFor(request), ...refusal.headers }),
        'content-length': Buffer.byteLength(body),
      });
      response.end(body, 'latin1');
      metrics.request(refusal.status, 0, { errorCodes: [refusal.code] });
      if (refusal.share) metrics.refused(refusal.share);
      logTurnedAway();
    },
    failed,
    broken,
    // The status that nginx logs when the client has left. It is never sent.
    left: (call) => record(call, 499, {}),
    text(response, status, text) {
      const headers = { ...alwaysSent, 'content-type': 'text/plain; charset=utf-8', ...closing(response.req) };
      response.writeHead(status, headers).end(text);
    },
    redirect(response, location) {
      response.writeHead(302, { ...alwaysSent, location, ...closing(response.req) }).end();
    },
    async metrics(response) {
      const { registry } = metrics;
      const text = await registry.metrics();
      response
        .writeHead(200, { ...alwaysSent, 'content-type': registry.contentType, ...closing(response.req) })
        .end(text);
    },
  };
}

/** Reason phrases that Node does not know. */
const reasons = new Map([[partialSuccess, 'Partial Success']]);

const digests = new WeakMap<Buffer, string>();

/** Equal bytes have the same ETag on every replica. Cached, because recorded answers are sent repeatedly. */
function etagOf(body: Buffer, type: string): string {
  const digest = digests.get(body) ?? hash('sha256', body, 'base64url');
  digests.set(body, digest);
  return tagOf(digest, type);
}

/** The same bytes in another type are another representation, so a strong ETag differs (RFC 9110, 8.8.1). */
function tagOf(digest: string, type: string): string {
  return type.startsWith(graphqlResponse) ? `"${digest}.graphql"` : `"${digest}"`;
}

/** In bytes. A larger body is hashed in parts of this size, one per iteration of the event loop; each takes about 1 ms. */
const largeBytes = 1024 * 1024;

async function etagOfLarge(body: Buffer, type: string): Promise<string> {
  const digest = createHash('sha256');
  for (let at = 0; at < body.length; at += largeBytes) {
    await nextTurn();
    digest.update(body.subarray(at, at + largeBytes));
  }
  return tagOf(digest.digest('base64url'), type);
}

/** Whether `If-None-Match` names the ETag. A proxy that compresses makes it weak, and that matches too (RFC 9110, 13.1.2). */
function isNamed(etag: string, held = ''): boolean {
  return held.trim() === '*' || held.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}

/** The media type also tells clients whether a response other than 200 comes from GraphQL (GraphQL over HTTP, 6.4.2). */
function jsonFor({ headers: { accept } }: IncomingMessage) {
  return { 'content-type': `${readAccept(accept)?.json ?? 'application/json'}; charset=utf-8` };
}

function bodyOf({ code, message, headers }: Refusal): string {
  const wait = headers['retry-after'];
  const extensions = { code, ...(wait === undefined ? {} : { retryAfter: Number(wait) }) };
  return JSON.stringify({ errors: [{ message, extensions }] });
}

/** The attempts at REST calls, without those that were refused before they were sent. */
function sentOf({ exchanges }: Pick<Call, 'exchanges'>): readonly Exchange[] {
  return exchanges.filter((exchange) => refusalOf(exchange) === undefined);
}

/** All request headers that hold credentials. */
function credentialHeaders(regions: RegionTable): string[] {
  const ofRegions = regions.flatMap(({ code }) => [`X-Auth-Token-${code}`, `X-Tenant-Id-${code}`]);
  return ['X-Auth-Token', 'Authorization', 'X-Tenant-Id', ...ofRegions];
}

/** The headers of every response. Answers belong to one token, so caches must not store them. */
const alwaysSent = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  // Allows what GraphiQL needs, and nothing from other origins.
  'content-security-policy':
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; style-src 'unsafe-inline'; worker-src blob:; connect-src 'self'; img-src 'self' data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};
