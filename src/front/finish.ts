import { createHash, hash } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Span, SpanStatusCode } from '@opentelemetry/api';
import { readAccept } from '../accept.ts';
import type { Config } from '../config.ts';
import type { OperationReport } from '../context.ts';
import type { Recorded } from '../cutoff/store.ts';
import type { StreamedAnswer, WholeAnswer } from '../gateway.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import type { RegionTable } from '../regions.ts';
import { type Caller, type Exchange, traceparentOf } from '../upstream/send.ts';
import { hasBoundedBody } from './body.ts';
import { requestIdOf } from './caller.ts';
import { createCors } from './cors.ts';
import { Refusal } from './refusal.ts';
import { writeOut, writeStream } from './write-out.ts';

/** One request to `/graphql` and what is known of it. */
export interface Call {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly caller: Caller;
  readonly exchanges: readonly Exchange[];
  readonly span: Span;
  /** On the clock of `performance.now()`. */
  readonly start: number;
}

/** The only place that writes headers, log lines and metrics of requests. */
export interface Finish {
  /** Sends what the GraphQL server answered. */
  answer(call: Call, answer: WholeAnswer): void;
  /** Sends an answer that goes on; resolves when it has ended, or the signal aborts. */
  stream(call: Call, answer: StreamedAnswer, signal: AbortSignal): Promise<void>;
  /** Sends what it answered before. */
  recorded(call: Call, recorded: Recorded): void;
  /** Answers a page that asks whether it may send a request. */
  preflight(request: IncomingMessage, response: ServerResponse): void;
  /** Answers a request that GraphQL has not seen. */
  refuse(call: Call, refusal: Refusal): void;
  /** Answers a request for which nothing has been done, and does as little: it may be one of thousands. */
  turnAway(request: IncomingMessage, response: ServerResponse, refusal: Refusal): void;
  /** A fault of the gateway. */
  failed(call: Call, error: unknown): void;
  /** A fault of the gateway behind an answer that is on its way. */
  broken(call: Call, error: unknown): void;
  /** Nobody is there to answer. */
  left(call: Call): void;
  text(response: ServerResponse, status: number, text: string): void;
  metrics(response: ServerResponse): Promise<void>;
}

/** @param isClosing from when on connections are not kept, so that the process can end. */
export function createFinish(
  { corsOrigins, regions }: Pick<Config, 'corsOrigins' | 'regions'>,
  logger: Logger,
  metrics: Metrics,
  isClosing: () => boolean,
): Finish {
  const closing = (request: IncomingMessage) =>
    isClosing() || (!request.complete && !hasBoundedBody(request)) ? { connection: 'close' } : {};
  const cors = createCors(corsOrigins);
  const vary = ['Accept', 'Accept-Encoding', 'Origin', ...credentialHeaders(regions)].join(', ');

  function log(call: Call, status: number, report: Partial<OperationReport>, error?: unknown): void {
    const milliseconds = Math.round(performance.now() - call.start);
    metrics.request(status, milliseconds / 1000, report);
    const calls: Record<string, number> = {};
    for (const { region } of call.exchanges) calls[region] = (calls[region] ?? 0) + 1;
    const { method } = call.request;
    const { requestId, trace } = call.caller;
    const line = { requestId, traceId: trace?.traceId, method, status, milliseconds, calls, ...report };
    call.span.setAttributes(attributesOf(status, report));
    if (status >= 500) call.span.setStatus({ code: SpanStatusCode.ERROR });
    call.span.end();
    if (error === undefined) logger.info(line, 'request');
    else logger.error({ ...line, error }, 'request failed');
  }

  /** What every answer has, however little was done for it, and its own. */
  function headersFor(request: IncomingMessage, requestId: string, own: Readonly<Record<string, string>>) {
    return { ...alwaysSent, ...cors(request), ...own, 'x-request-id': requestId, ...closing(request) };
  }

  function writeHead({ request, response, caller }: Call, status: number, own: Readonly<Record<string, string>>): void {
    response.writeHead(status, {
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
    logger.warn({ requestId: caller.requestId }, 'cut off: the client reads nothing');
  }

  function refuse(call: Call, refusal: Refusal): void {
    write(call, refusal.status, { ...jsonFor(call.request), ...refusal.headers }, bodyOf(refusal));
  }

  let turnedAway = 0;

  /** One line a second, so that the log is not what a flood fills. */
  function logTurnedAway(): void {
    if (turnedAway++ > 0) return;
    setTimeout(() => {
      logger.warn({ requests: turnedAway }, 'turned away: too much to do');
      turnedAway = 0;
    }, 1000);
  }

  /** Data: of a GET so that whoever has it already need not receive it again. */
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
    const send = (etag: string | null) => log(call, writeData(call, headers, body, etag), report);
    if (call.request.method !== 'GET') send(null);
    else if (body.length <= largeBytes) send(etagOf(body));
    else
      etagOfLarge(body)
        .then(send)
        .catch((error) => (call.response.headersSent ? broken : failed)(call, error));
  }

  function broken({ caller }: Call, error: unknown): void {
    logger.error({ requestId: caller.requestId, error }, 'failed behind the answer');
  }

  function failed(call: Call, error: unknown): void {
    refuse(call, new Refusal(500, 'INTERNAL_SERVER_ERROR', 'The gateway failed. Try again later.'));
    log(call, 500, { errorCodes: ['INTERNAL_SERVER_ERROR'] }, error);
  }

  return {
    answer(call, answer) {
      if (answer.isPlain) sendData(call, answer);
      else {
        write(call, answer.status, answer.headers, answer.body);
        log(call, answer.status, answer.report);
      }
    },
    async stream(call, { status, headers, stream, report }, signal) {
      const { caller, response, start } = call;
      // Proxies such as nginx would else gather it.
      writeHead(call, status, { ...headers, 'x-accel-buffering': 'no' });
      // What its results bring is told as it comes.
      log(call, status, { ...report, errorCodes: [] });
      try {
        await writeStream(response, stream, signal, () => logCutOff(call));
      } finally {
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
    preflight(request, response) {
      response.writeHead(204, { ...alwaysSent, ...cors(request), ...closing(request) }).end();
    },
    refuse(call, refusal) {
      refuse(call, refusal);
      if (refusal.share) metrics.refused(refusal.share);
      log(call, refusal.status, { errorCodes: [refusal.code] });
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
    // The status that nginx logs for it; nobody receives it.
    left: (call) => log(call, 499, {}),
    text(response, status, text) {
      const headers = { ...alwaysSent, 'content-type': 'text/plain; charset=utf-8', ...closing(response.req) };
      response.writeHead(status, headers).end(text);
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

const etags = new WeakMap<Buffer, string>();

/** The same for the same bytes in every replica; of an answer that is sent again it is known. */
function etagOf(body: Buffer): string {
  const known = etags.get(body) ?? `"${hash('sha256', body, 'base64url')}"`;
  etags.set(body, known);
  return known;
}

/** From this size on a body is digested in parts, each in a millisecond and a turn of the event loop of its own. */
const largeBytes = 1024 * 1024;

async function etagOfLarge(body: Buffer): Promise<string> {
  const digest = createHash('sha256');
  for (let at = 0; at < body.length; at += largeBytes) {
    await nextTurn();
    digest.update(body.subarray(at, at + largeBytes));
  }
  return `"${digest.digest('base64url')}"`;
}

/** A proxy that has compressed the answer has made the tag a weak one: it means the same (RFC 9110, 13.1.2). */
function isNamed(etag: string, held = ''): boolean {
  return held.trim() === '*' || held.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}

/** The media type also tells clients whether an answer that is not 200 is GraphQL's (GraphQL over HTTP, 6.4.2). */
function jsonFor({ headers: { accept } }: IncomingMessage) {
  return { 'content-type': `${readAccept(accept)?.json ?? 'application/json'}; charset=utf-8` };
}

function bodyOf({ code, message, headers }: Refusal): string {
  const wait = headers['retry-after'];
  const extensions = { code, ...(wait === undefined ? {} : { retryAfter: Number(wait) }) };
  return JSON.stringify({ errors: [{ message, extensions }] });
}

function attributesOf(status: number, { name, hash }: Partial<OperationReport>) {
  return {
    'http.route': '/graphql',
    'http.response.status_code': status,
    ...(name && { 'graphql.operation.name': name }),
    ...(hash && { 'graphql.document.hash': hash }),
  };
}

/** Every header that says on whose behalf a request is. */
function credentialHeaders(regions: RegionTable): string[] {
  const ofRegions = regions.flatMap(({ code }) => [`X-Auth-Token-${code}`, `X-Tenant-Id-${code}`]);
  return ['X-Auth-Token', 'Authorization', 'X-Tenant-Id', ...ofRegions];
}

/** Answers belong to a token, so nobody may keep them. */
const alwaysSent = {
  'cache-control': 'no-store',
  'x-content-type-options': 'nosniff',
  'referrer-policy': 'no-referrer',
  'x-frame-options': 'DENY',
  // What GraphiQL needs, and nothing from elsewhere.
  'content-security-policy':
    "default-src 'none'; script-src 'unsafe-inline' 'unsafe-eval' blob:; style-src 'unsafe-inline'; worker-src blob:; connect-src 'self'; img-src 'self' data:; font-src data:; base-uri 'none'; form-action 'none'; frame-ancestors 'none'",
};
