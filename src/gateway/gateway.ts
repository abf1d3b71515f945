import type { DocumentNode } from 'graphql';
import { createYoga } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import type { Config } from '../config/config.ts';
import { followManifests } from '../config/persisted-documents.ts';
import { type Context, createContext } from '../context.ts';
import type { Memory } from '../fairness/memory.ts';
import { memoryBudget } from '../fairness/memory-budget.ts';
import { createMemory } from '../fairness/memory-shares.ts';
import { createTurns, type Turns } from '../fairness/turns.ts';
import { createPolls } from '../live/polls.ts';
import type { Accepted, Admit, JsonType, OperationReport, RequestParams } from '../operation.ts';
import { answerJson, useAnswerStatus } from '../plugins/use-answer-status.ts';
import { maskError, useErrorReport } from '../plugins/use-error-report.ts';
import { useIncrementalDelivery } from '../plugins/use-incremental-delivery.ts';
import { useIntrospection } from '../plugins/use-introspection.ts';
import { useOperationReport } from '../plugins/use-operation-report.ts';
import { useParams } from '../plugins/use-params.ts';
import { usePartialFailures } from '../plugins/use-partial-failures.ts';
import { usePersistedDocuments } from '../plugins/use-persisted-documents.ts';
import { eventsNeeded, stringifyResult, usePlannedExecution } from '../plugins/use-planned-execution.ts';
import { useQueryLimits } from '../plugins/use-query-limits.ts';
import { useRequestErrors } from '../plugins/use-request-errors.ts';
import { useTrace } from '../plugins/use-trace.ts';
import { useValidDocuments } from '../plugins/use-valid-documents.ts';
import { createSchema } from '../schema/index.ts';
import { createAudit } from '../telemetry/audit.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { createAttempt } from '../upstream/attempt.ts';
import { boundCalls } from '../upstream/bound-calls.ts';
import { createBreaker } from '../upstream/breaker.ts';
import { createBulkhead } from '../upstream/bulkhead.ts';
import { createHealth } from '../upstream/health.ts';
import { observe } from '../upstream/observe.ts';
import { createRetry } from '../upstream/retry.ts';
import { type Caller, createCallBudget, type Exchange, isAccepting, type Layer, type Send } from '../upstream/send.ts';
import { trace } from '../upstream/trace.ts';

/** GraphQL over HTTP, from a whole request to a whole answer. */
export interface Gateway {
  readonly turns: Turns;
  readonly memory: Memory;
  /** Grows with each change of the persisted documents. */
  readonly documentsVersion: () => number;
  /** Sends REST calls outside of an execution: for replays of recorded answers. */
  readonly send: Send;
  /** Answers a request. The answer is meaningless if the request was not admitted. */
  answer(request: GatewayRequest, caller: Caller, options: AnswerOptions): Promise<GatewayAnswer>;
  close(): Promise<void>;
}

export interface AnswerOptions {
  /** Called with the estimated work, before the request is executed. */
  readonly admit: Admit;
  /** The caller's REST calls if the answer is to show them, else null. */
  readonly shown: readonly Exchange[] | null;
  /** A layer around the calls of this request; null for none. */
  readonly layer: Layer | null;
}

/** A well-formed GraphQL request over HTTP. */
export interface GatewayRequest {
  readonly method: 'GET' | 'POST';
  readonly accepts: Accepted;
  readonly params: RequestParams;
}

export type GatewayAnswer = WholeAnswer | StreamedAnswer;

interface AnswerHead {
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly report: OperationReport;
}

/** An answer over HTTP, complete. */
export interface WholeAnswer extends AnswerHead {
  readonly body: Buffer;
  /** One JSON answer to a query or mutation, without errors. */
  readonly isPlain: boolean;
}

/** A streamed answer. The receiver must cancel the stream if it does not read all of it. */
export interface StreamedAnswer extends AnswerHead {
  /** Whether it may last longer than a request, as that of a subscription does. */
  readonly isLong: boolean;
  readonly stream: ReadableStream<Uint8Array>;
}

/** The part of the principals that the gateway needs. */
interface Principals {
  readonly ownerOfToken: (token: string) => string;
  readonly noteAccepted: (token: string) => void;
}

/** Where the GraphQL server believes that it is. Clients never see it. */
const internalUrl = 'http://gateway/graphql';

/** The most queued calls per region. Further calls are refused. */
const maxWaiting = 256;

/** The most bytes of syntax trees that are kept, as `bytesOfTree` estimates them. The same again for syntax errors. */
const maxKeptBytes = 50_000_000;

/**
 * @param principals tells whose polls are, and is told whose token a region has accepted.
 */
export function createGateway(config: Config, logger: Logger, metrics: Metrics, principals: Principals): Gateway {
  const attempt = createAttempt(config.regions, {
    timeoutMs: config.upstreamTimeoutMs,
    warn: (problem, { code }) => logger.warn({ region: code, problem }, 'client certificate not renewed'),
  });
  const bulkhead = createBulkhead(config.regions, { concurrency: config.upstreamConcurrency, queue: maxWaiting });
  const health = createHealth(config.regions, {
    begin: (failure) => logger.warn(failure, 'region fails'),
    end: (failure) => logger.info(failure, 'region is well again'),
  });
  const breaker = createBreaker(config.regions, {
    timeoutMs: config.upstreamTimeoutMs,
    onProbe(region, probed) {
      health.noteProbe(region, probed);
      metrics.probe(region, probed);
    },
  });
  const retry = createRetry(config.regions, bulkhead.waiting);
  const judged = breaker.judge(health.layer(trace(attempt.send)));
  const send = retry(observe(boundCalls(breaker.refuse(bulkhead.layer(judged)))));
  const audit = createAudit(logger, config.auditKey);
  const turns = createTurns();
  const memory = createMemory(memoryBudget(config.memoryLimitMib).requests);
  const polls = createPolls({
    send,
    turns,
    memory,
    ownerOf: principals.ownerOfToken,
    intervalMs: config.pollIntervalMs,
    timeoutMs: config.requestTimeoutMs,
    observe(exchange, { token }) {
      metrics.exchange(exchange);
      if (isAccepting(exchange)) principals.noteAccepted(token);
    },
    warn: (message, region) => logger.warn({ region }, message),
  });
  metrics.watchPolls(polls);
  metrics.watchMemory(memory);
  metrics.watch(config.regions, {
    waiting: bulkhead.waiting,
    isAvailable: (region) => breaker.isAvailable(region, null),
    failing: health.failing,
  });
  const documents = config.persistedDocuments && followManifests(config.persistedDocuments, logger);
  const yoga = createYoga<Context>({
    schema: createSchema(config.regions, { federation: config.federation }),
    graphqlEndpoint: new URL(internalUrl).pathname,
    landingPage: false,
    logging: false,
    parserAndValidationCache: {
      documentCache: createTextCache<DocumentNode>(),
      errorCache: createTextCache<Error>(),
      // `useValidDocuments` remembers the valid ones.
      validationCache: false,
    },
    multipart: false,
    // Yoga's own ReadableStream never ends if its reader leaves while it waits.
    fetchAPI: { ReadableStream, Response: TextResponse },
    maskedErrors: { maskError },
    // The HTTP layer handles CORS.
    cors: false,
    // The front serves GraphiQL.
    graphiql: false,
    plugins: [
      useParams(),
      useValidDocuments(),
      usePersistedDocuments(documents, { areOthersRefused: config.persistedDocumentsOnly }),
      usePartialFailures(),
      useOperationReport(metrics.errors),
      useIntrospection(config.introspection),
      useQueryLimits({ limits: config.queryLimits, areEnforced: config.areQueryLimitsEnforced }),
      useRequestErrors(),
      usePlannedExecution(),
      useIncrementalDelivery(),
      useErrorReport(logger),
      useTrace(),
      useAnswerStatus(),
    ],
  });

  // Plugins look only at the method of a request: all else is in the context. So all requests can share these.
  const requests = {
    GET: new yoga.fetchAPI.Request(internalUrl),
    POST: new yoga.fetchAPI.Request(internalUrl, { method: 'POST' }),
  };

  async function execute({ method, params }: GatewayRequest, context: Context) {
    try {
      return await yoga.getResultForParams({ params, request: requests[method] }, context);
    } catch (error) {
      // A plugin has refused the request, so nothing has been executed.
      if (context.report.hash !== null) throw error;
      const refusal = maskError(error);
      context.report.errorCodes = [String(refusal.extensions.code)];
      return { errors: [refusal] };
    }
  }

  /** One JSON answer, without the web Request and Response that Yoga would make: they cost more than a small query. */
  async function answerWhole(request: GatewayRequest, type: JsonType, context: Context): Promise<WholeAnswer> {
    const { report, caller } = context;
    const result = await execute(request, context);
    if (!result || Symbol.asyncIterator in result) throw new Error('a whole answer was expected, and is in parts');
    if (result.errors) {
      const answer = await toAnswer(answerJson(result, yoga.fetchAPI, type), caller);
      context.answer.hold?.keep(answer.body.length);
      return { ...answer, report, isPlain: false };
    }
    const body = await toBytes(stringifyResult(result), caller);
    context.answer.hold?.keep(body.length);
    const headers = { 'content-type': `${type}; charset=utf-8` };
    return { status: 200, headers, body, report, isPlain: report.errorCodes.length === 0 };
  }

  /** An answer in any form that the client accepts: a stream, or a whole one. */
  async function answerAny({ method, accepts }: GatewayRequest, context: Context): Promise<GatewayAnswer> {
    const { report, caller } = context;
    const headers = { accept: acceptOf(accepts) };
    const answered = await yoga.fetch(internalUrl, { method, headers, signal: caller.signal }, context);
    if (isStream(answered)) return { ...toStream(answered), isLong: report.operation === 'subscription', report };
    // The GraphQL server finds no form for the answer, which is that to a subscription.
    if (answered.status === 406) {
      const refused = answerJson({ errors: [eventsNeeded()] }, yoga.fetchAPI, 'application/json');
      return { ...(await toAnswer(refused, caller)), status: 406, isPlain: false, report };
    }
    const answer = await toAnswer(answered, caller);
    context.answer.hold?.keep(answer.body.length);
    const isPlain = answer.status === 200 && report.hash !== null && report.errorCodes.length === 0;
    return { ...answer, isPlain, report };
  }

  function contextOf(caller: Caller, request: GatewayRequest, { admit, shown, layer }: AnswerOptions): Context {
    return createContext({
      regions: config.regions,
      send: layer ? layer(send) : send,
      audit,
      isAvailable: breaker.isAvailable,
      caller,
      accepts: request.accepts,
      requestParams: request.params,
      admit,
      polls,
      // An event comes after the request's deadline. So it gets its own deadline, and its calls are not added to the request's.
      renew() {
        const deadline = performance.now() + config.requestTimeoutMs;
        const calls = createCallBudget(config.upstreamCallsPerRequest);
        const own = { deadline, calls, memory: memory.open(caller.owner), observe: metrics.exchange };
        return contextOf({ ...caller, ...own }, request, { admit: () => true, shown: null, layer: null });
      },
      warn: (message, region) => logger.warn({ requestId: caller.requestId, region }, message),
      trace: shown,
    });
  }

  return {
    turns,
    memory,
    documentsVersion: () => documents?.version() ?? 0,
    send,
    answer(request, caller, options) {
      const { accepts, params } = request;
      const context = contextOf(caller, request, options);
      const isStreamAccepted = accepts.events || accepts.parts !== null;
      if (accepts.json === null || (isStreamAccepted && mayBeStreamed(params))) return answerAny(request, context);
      return answerWhole(request, accepts.json, context);
    },
    async close() {
      documents?.close();
      polls.close();
      breaker.close();
      await attempt.close();
    },
  };
}

/** Whether the answer may be a stream: the document has `defer` or `subscription` in it, or only its id was sent. */
function mayBeStreamed({ query }: RequestParams): boolean {
  return query === undefined || /\b(defer|subscription)\b/.test(query);
}

/** The types of which the GraphQL server chooses one, by what the answer turns out to be. */
function acceptOf({ json, events, parts }: Accepted): string {
  const types = [json, events && 'text/event-stream', parts && 'multipart/mixed'];
  return types.filter((type) => typeof type === 'string').join(', ');
}

/** Keeps a text body as it is. Reading it from a Response would copy it three times, each time in one step. */
class TextResponse extends Response {
  readonly written: string | null;

  constructor(body?: BodyInit | null, init?: ResponseInit) {
    super(typeof body === 'string' ? null : body, init);
    this.written = typeof body === 'string' ? body : null;
  }
}

async function toAnswer(answer: Response, caller: Caller) {
  const written = answer instanceof TextResponse ? answer.written : null;
  return {
    status: answer.status,
    headers: Object.fromEntries(Array.from(answer.headers, ([name, value]) => [name.toLowerCase(), value])),
    body: written === null ? Buffer.from(await answer.arrayBuffer()) : await toBytes(written, caller),
  };
}

/** The characters that are encoded in one step. */
const charactersAtOnce = 1024 * 1024;

/** Encodes text in UTF-8; long text in pieces between which other work can run. */
async function toBytes(text: string, { turns, owner, signal, deadline }: Caller): Promise<Buffer> {
  if (text.length <= charactersAtOnce) return Buffer.from(text);
  const bytes = Buffer.allocUnsafeSlow(Buffer.byteLength(text));
  let at = 0;
  for (let from = 0, to = 0; from < text.length; from = to) {
    const turn = turns.goOn(owner, { signal, deadline });
    if (turn) await turn;
    signal.throwIfAborted();
    to = from + charactersAtOnce;
    // Do not split a surrogate pair.
    if (isHighSurrogate(text.charCodeAt(to - 1))) to++;
    at += bytes.write(text.slice(from, to), at);
  }
  return bytes;
}

function isHighSurrogate(code: number): boolean {
  return code >= 0xd800 && code <= 0xdbff;
}

function isStream({ headers }: Response): boolean {
  return /^(text\/event-stream|multipart\/mixed)/.test(headers.get('content-type') ?? '');
}

/** A streamed answer, with only those of its headers that are meant for the client. */
function toStream({ status, headers, body }: Response) {
  const kept = ['content-type', 'allow'].map((name) => [name, headers.get(name)]);
  return {
    status,
    headers: Object.fromEntries(kept.filter(([, value]) => value !== null)),
    stream: body ?? new Blob().stream(),
  };
}

/** A cache with documents as keys, bounded by the memory of their trees. The least recently used is dropped first. */
function createTextCache<Value extends object>(): LRUCache<string, Value> {
  return new LRUCache({ maxSize: maxKeptBytes, sizeCalculation: (_, text) => bytesOfTree(text) });
}

/** An estimate of the memory of a syntax tree. Measured: a valid document of 20 characters takes 3.7 KB. */
function bytesOfTree(document: string): number {
  return 4_000 + 100 * document.length;
}
