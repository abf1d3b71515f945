import type { DocumentNode } from 'graphql';
import { createYoga, type GraphiQLOptions, processRegularResult } from 'graphql-yoga';
import { LRUCache } from 'lru-cache';
import type { Accepted } from './accept.ts';
import type { Config } from './config.ts';
import { type Admit, type Context, createContext, type OperationReport } from './context.ts';
import { createMemory, type Memory } from './fairness/memory.ts';
import { memoryBudget } from './fairness/memory-budget.ts';
import { createTurns, type Turns } from './fairness/turns.ts';
import { exampleTabs, graphiqlOptions, renderPage } from './graphiql.ts';
import type { Logger } from './logger.ts';
import type { Metrics } from './metrics.ts';
import { type PlainPost, readPlainPost } from './plain-post.ts';
import { maskError, useErrorReport } from './plugins/use-error-report.ts';
import { useIncrementalDelivery } from './plugins/use-incremental-delivery.ts';
import { useIntrospection } from './plugins/use-introspection.ts';
import { useOperationReport } from './plugins/use-operation-report.ts';
import { usePartialFailures } from './plugins/use-partial-failures.ts';
import { usePersistedDocuments } from './plugins/use-persisted-documents.ts';
import { stringifyResult, usePlannedExecution } from './plugins/use-planned-execution.ts';
import { useQueryLimits } from './plugins/use-query-limits.ts';
import { useRequestErrors } from './plugins/use-request-errors.ts';
import { useTrace } from './plugins/use-trace.ts';
import { createPolls } from './polls/index.ts';
import { createSchema } from './schema/index.ts';
import { createAttempt } from './upstream/attempt.ts';
import { boundCalls } from './upstream/bound-calls.ts';
import { createBreaker } from './upstream/breaker.ts';
import { createBulkhead } from './upstream/bulkhead.ts';
import { observe } from './upstream/observe.ts';
import { createRetry } from './upstream/retry.ts';
import { type Caller, createCallBudget, type Exchange, isAccepting, type Layer, type Send } from './upstream/send.ts';
import { trace } from './upstream/trace.ts';

/** GraphQL over HTTP, from a whole request to a whole answer. */
export interface Gateway {
  readonly turns: Turns;
  readonly memory: Memory;
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

/** A GraphQL request over HTTP, with the headers that its answer may depend on. */
export interface GatewayRequest {
  readonly method: string;
  /** Path and query. */
  readonly url: string;
  readonly accepts: Accepted;
  /** Whether the client prefers the GraphiQL page. */
  readonly isForPage: boolean;
  /** As sent. */
  readonly contentType: string | undefined;
  readonly body: string | null;
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

/** The most queued calls per region. Further calls are refused. */
const maxWaiting = 256;

/**
 * Characters of documents whose syntax trees, and whose syntax errors, are kept. A tree has some 100 bytes for each
 * character, so this is 50 MB at most.
 */
const maxKept = 500_000;

/**
 * @param principals tells whose polls are, and is told whose token a region has accepted.
 * @param graphiql what GraphiQL shows at first: examples that go with any regions, if left out.
 */
export function createGateway(
  config: Config,
  logger: Logger,
  metrics: Metrics,
  principals: Principals,
  graphiql: GraphiQLOptions = graphiqlOptions(exampleTabs(config.regions), headersToFillIn(config)),
): Gateway {
  const attempt = createAttempt(config.regions, { timeoutMs: config.upstreamTimeoutMs });
  const bulkhead = createBulkhead(config.regions, { concurrency: config.upstreamConcurrency, queue: maxWaiting });
  const breaker = createBreaker(config.regions, { timeoutMs: config.upstreamTimeoutMs });
  const retry = createRetry(config.regions, bulkhead.waiting);
  const send = observe(retry(boundCalls(breaker.refuse(bulkhead.layer(breaker.judge(trace(attempt.send)))))));
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
  });
  const { persistedDocuments, persistedDocumentsOnly } = config;
  const yoga = createYoga<Context>({
    schema: createSchema(config.regions, { federation: config.federation }),
    graphqlEndpoint: '/graphql',
    landingPage: false,
    logging: false,
    parserAndValidationCache: {
      documentCache: createTextCache<DocumentNode>(),
      errorCache: createTextCache<Error>(),
    },
    multipart: false,
    // Yoga's own ReadableStream never ends if its reader leaves while it waits.
    fetchAPI: { ReadableStream, Response: TextResponse },
    maskedErrors: { maskError },
    // The HTTP layer handles CORS.
    cors: false,
    graphiql: config.graphiql && graphiql,
    renderGraphiQL: renderPage,
    extraParamNames: ['documentId'],
    plugins: [
      ...(persistedDocuments
        ? [usePersistedDocuments(persistedDocuments, { areOthersRefused: persistedDocumentsOnly })]
        : []),
      usePartialFailures(),
      useOperationReport(metrics.errors),
      useIntrospection(config.introspection),
      useQueryLimits(),
      useRequestErrors(),
      usePlannedExecution(),
      useIncrementalDelivery(),
      useErrorReport(logger),
      useTrace(),
    ],
  });

  const anyPost = new yoga.fetchAPI.Request('http://gateway/graphql', { method: 'POST' });

  /** Null if it is refused before there is a document. Then nothing has been executed. */
  async function execute({ params }: PlainPost, context: Context) {
    try {
      // The caller is in `context`. Plugins look only at the request's method, so all requests can share one.
      return await yoga.getResultForParams({ params, request: anyPost }, context);
    } catch (error) {
      if (context.report.hash === null) return null;
      throw error;
    }
  }

  /** Without a web Request and Response; null where the GraphQL server is to see the whole request. */
  async function answerPlain(post: PlainPost, context: Context): Promise<GatewayAnswer | null> {
    const { report, caller } = context;
    const result = await execute(post, context);
    if (!result) return null;
    // It has been executed, so Yoga must not execute it again.
    if (Symbol.asyncIterator in result) throw new Error('a whole answer was expected, and is in parts');
    if (result.errors) {
      const answer = await toAnswer(processRegularResult(result, yoga.fetchAPI, post.mediaType), caller);
      context.answer.hold?.keep(answer.body.length);
      return { ...answer, report, isPlain: false };
    }
    const body = await toBytes(stringifyResult(result), caller);
    context.answer.hold?.keep(body.length);
    return {
      status: 200,
      headers: { 'content-type': `${post.mediaType}; charset=utf-8` },
      body,
      report,
      isPlain: true,
    };
  }

  function contextOf(caller: Caller, accepts: Accepted, { admit, shown, layer }: AnswerOptions): Context {
    return createContext({
      regions: config.regions,
      send: layer ? layer(send) : send,
      isAvailable: breaker.isAvailable,
      caller,
      accepts,
      admit,
      polls,
      // An event comes after the request's deadline. So it gets its own deadline, and its calls are not added to the request's.
      renew() {
        const deadline = performance.now() + config.requestTimeoutMs;
        const calls = createCallBudget(config.upstreamCallsPerRequest);
        const own = { deadline, calls, memory: memory.open(caller.owner), observe: metrics.exchange };
        return contextOf({ ...caller, ...own }, accepts, { admit: () => true, shown: null, layer: null });
      },
      warn: (message, region) => logger.warn({ requestId: caller.requestId, region }, message),
      trace: shown,
    });
  }

  return {
    turns,
    memory,
    send,
    async answer(request, caller, options) {
      const context = contextOf(caller, request.accepts, options);
      const post = readPlainPost(request);
      const plain = post && (await answerPlain(post, context));
      if (plain) return plain;
      const { method, body } = request;
      const init = { method, headers: headersOf(request), body, signal: caller.signal };
      const answered = await yoga.fetch(`http://gateway${request.url}`, init, context);
      const { report } = context;
      if (isStream(answered)) return { ...toStream(answered), isLong: report.operation === 'subscription', report };
      const answer = await toAnswer(answered, caller);
      context.answer.hold?.keep(answer.body.length);
      const isJson = /^application\/(graphql-response\+)?json/.test(answer.headers['content-type'] ?? '');
      const isPlain = answer.status === 200 && isJson && report.hash !== null && report.errorCodes.length === 0;
      return { ...answer, isPlain, report };
    },
    async close() {
      polls.close();
      breaker.close();
      await attempt.close();
    },
  };
}

function headersToFillIn({ trace }: Config): Record<string, string> {
  return { 'X-Auth-Token': '', 'X-Tenant-Id': '', ...(trace ? { 'X-Gateway-Trace': '1' } : {}) };
}

/** What the GraphQL server needs to know. Credentials are not among it: they are read where calls are made. */
function headersOf({ accepts, isForPage, contentType }: GatewayRequest): Record<string, string> {
  const accepted = [
    isForPage && 'text/html',
    accepts.json,
    accepts.events && 'text/event-stream',
    accepts.parts && 'multipart/mixed',
  ];
  const accept = accepted.filter((type) => type !== false && type !== null).join(', ');
  return contentType === undefined ? { accept } : { accept, 'content-type': contentType };
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

/** A cache with texts as keys, bounded by their length. The least recently used is dropped first. */
function createTextCache<Value extends object>(): LRUCache<string, Value> {
  return new LRUCache({ maxSize: maxKept, sizeCalculation: (_, text) => Math.max(1, text.length) });
}
