import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from '../config/config.ts';
import type { EventLoop } from '../fairness/event-loop.ts';
import { type Kind, smallBytes } from '../fairness/memory.ts';
import { memoryBudget } from '../fairness/memory-budget.ts';
import { workOfBytes, workOfCall } from '../fairness/work.ts';
import type { Gateway, StreamedAnswer } from '../gateway/gateway.ts';
import type { Admit } from '../operation.ts';
import { createCutoff } from '../replay/replay.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { endRequestSpan, startRequestSpan } from '../telemetry/tracing.ts';
import { type Caller, type Exchange, isAccepting, type Layer } from '../upstream/send.ts';
import { prefersPage, readAccept } from './accept.ts';
import type { Admission, Admitted } from './admission.ts';
import { createBodyReader } from './body.ts';
import { createBursts } from './bursts.ts';
import { createCaller, type RequestCaller } from './caller.ts';
import { clientNameOf } from './client-name.ts';
import { isPreflight } from './cors.ts';
import { readParams } from './params.ts';
import type { Principal, Principals } from './principal.ts';
import { overloaded, Refusal, tooMuchToDo } from './refusal.ts';
import { type Call, createFinish, type Finish } from './respond.ts';
import type { Streams } from './streams.ts';
import { createWaits } from './waits.ts';

/** The cost of parsing, validating and answering a small request, in bytes as `Turns` counts cost: about 0.3 ms. */
const requestCost = 32 * 1024;

/* Created once: thousands may be refused each second, and creating an error captures the stack. */
const noMemory = {
  ofGateway: overloaded('replica', 'The gateway has no memory left for the request.'),
  ofCaller: overloaded('caller', 'The token has used up its share of memory.'),
};

/** What callers share, and how it is divided. */
export interface Sharing {
  readonly principals: Principals;
  readonly admission: Admission;
  readonly streams: Streams;
  readonly eventLoop: EventLoop;
}

/** A GraphQL request while it is answered. */
interface Visit {
  readonly principal: Principal;
  readonly admitted: Admitted;
  readonly call: Call & { readonly caller: RequestCaller };
}

/** Answers everything that comes in on the public port. */
export interface Front {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** Makes `/ready` answer 503, so that balancers send no new requests. */
  drain(): void;
  /** To be called when all requests have been answered. */
  close(): void;
}

/** @param page GraphiQL; null if it is off. */
export function createFront(
  config: Config,
  gateway: Gateway,
  page: Buffer | null,
  { principals, admission, streams, eventLoop }: Sharing,
  logger: Logger,
  metrics: Metrics,
): Front {
  const { graphqlPath } = config;
  let isDraining = false;
  const finish = createFinish(config, logger, metrics, () => isDraining);
  const { incoming, records } = memoryBudget(config.memoryLimitMib);
  const readBody = createBodyReader(incoming);
  const bursts = createBursts(config.maxInFlight);
  const cutoff = config.earlyCutoff ? createCutoff(records, gateway.documentsVersion) : null;

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const [path] = targetOf(request).split('?');
    if (!isForOneHost(request)) finish.text(response, 400, 'Send one Host.\n');
    else if (path === graphqlPath || path === `${graphqlPath}/`) void answer(request, response);
    else if (path === '/health') finish.text(response, 200, 'alive\n');
    else if (path === '/ready') finish.text(response, isDraining ? 503 : 200, isDraining ? 'draining\n' : 'ready\n');
    else if (path === '/metrics' && config.metricsPort === null) void finish.metrics(response);
    else if (path === '/' && pageFor(request)) finish.redirect(response, graphqlPath.slice(1));
    else finish.text(response, 404, `Not found. GraphQL is at ${graphqlPath}.\n`);
  }

  /** GraphiQL, if it is on and a browser asks for it. */
  function pageFor({ method, headers }: IncomingMessage): Buffer | null {
    return method === 'GET' && prefersPage(headers.accept) ? page : null;
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    if (isPreflight(request)) {
      finish.preflight(request, response);
      return;
    }
    const principal = principals.of(request.headers);
    const refusal = admission.refusal(principal) ?? bursts.refusal(principals.ownerOf(principal));
    if (refusal) {
      finish.turnAway(request, response, refusal);
      return;
    }
    const visit = startVisit(request, response, principal);
    try {
      await respond(visit);
    } catch (error) {
      answerFailure(finish, visit.call, error);
    } finally {
      // Cancels REST calls that are still running although the answer did not need them.
      visit.call.caller.finish();
      visit.admitted.leave();
    }
  }

  function startVisit(request: IncomingMessage, response: ServerResponse, principal: Principal): Visit {
    // The time that the request has waited for the event loop counts as part of its duration.
    const start = performance.now() - eventLoop.delay();
    const admitted = admission.open(principal);
    const exchanges: Exchange[] = [];
    const { traceparent, tracestate } = request.headers;
    const trace = { traceparent: text(traceparent), tracestate: text(tracestate) };
    const [path = ''] = targetOf(request).split('?', 1);
    const target = { method: request.method ?? '', route: graphqlPath, path };
    const { span, context } = startRequestSpan(target, trace, config.trustTraceparent);
    const owner = () => principals.ownerOf(principal);
    const ownerAtFirst = owner();
    const caller = createCaller(request, response, {
      owner: ownerAtFirst,
      turns: gateway.turns,
      memory: gateway.memory.open(ownerAtFirst),
      deadline: start + config.requestTimeoutMs,
      mostCalls: config.upstreamCallsPerRequest,
      trace: context,
      observe(exchange) {
        exchanges.push(exchange);
        metrics.exchange(exchange);
        admitted.charge(workOfCall + workOfBytes(exchange.bytes));
        if (isAccepting(exchange) && !principals.areAllAccepted(principal)) noteAccepted(exchange.region, caller);
      },
    });
    const waits = createWaits();
    const client = clientNameOf(request.headers);
    return {
      principal,
      admitted,
      call: { request, response, caller, exchanges, span, start, waits, client, owner },
    };
  }

  async function respond(visit: Visit): Promise<void> {
    const { principal, admitted, call } = visit;
    const { request, response, caller, exchanges, waits } = call;
    const { method = '' } = request;
    if (method !== 'GET' && method !== 'POST')
      throw new Refusal(405, 'BAD_REQUEST', 'Send GraphQL requests by POST, or by GET.', { allow: 'GET, POST' });
    const { accept } = request.headers;
    const html = pageFor(request);
    if (html) {
      finish.page(call, html);
      return;
    }
    const accepts = readAccept(accept);
    // Checked before execution, so that no mutation runs for a client that cannot read its result.
    if (!accepts)
      throw new Refusal(
        406,
        'BAD_USER_INPUT',
        'Answers are JSON. Accept application/graphql-response+json or application/json.',
      );
    // The body first, so that a slow upload holds no place.
    const body = await waits.during(readBody(request, response));
    // If only an event stream is accepted, its limit is checked before anything is executed.
    const isLong = accepts.json === null && accepts.parts === null && body?.includes('subscription');
    const refusal = (isLong ? streams.refusal(principal) : null) ?? admission.refusal(principal);
    if (refusal) {
      endRequestSpan(call.span, refusal.status, { errorCodes: [refusal.code] });
      finish.turnAway(request, response, refusal);
      return;
    }
    const postponed = bursts.postpone(caller.owner);
    if (postponed) await postponed;
    if (gateway.turns.waiting > 0) {
      // While the request waits, neither the body reader nor the admission counts its body.
      await payFor(caller, 'bodies', body?.length ?? 0);
      await takeTurn(caller);
    }
    const admit: Admit = (estimate) => admitted.enter(estimate, caller);
    const shown = config.trace && request.headers['x-gateway-trace'] === '1' ? exchanges : null;
    const noteWaits: Layer = (next) => (request, caller) => waits.during(next(request, caller));
    const by = { caller, owners: principal.tokens, send: noteWaits(gateway.send), admit };
    const begun = shown ? undefined : await cutoff?.begin(request, body, by);
    throwIf(admitted.refusal());
    if (begun?.recorded) {
      // Slow readers may still hold the answer when its record has been dropped.
      await payFor(caller, 'answers', begun.recorded.answer.body.length);
      finish.recorded(call, begun.recorded);
      return;
    }
    const params = readParams({ method, url: targetOf(request), body, type: accepts.json });
    const answer = await gateway.answer({ method, accepts, params }, caller, {
      admit,
      shown,
      layer: (next) => noteWaits(begun?.layer ? begun.layer(next) : next),
    });
    if ('stream' in answer) {
      await sendStream(call, answer, visit);
      return;
    }
    throwIf(admitted.refusal());
    if (caller.signal.aborted) throw caller.signal.reason;
    admitted.charge(workOfBytes(answer.body.length));
    if (answer.isPlain) admitted.complete();
    finish.answer(call, answer);
    begun?.keep(answer);
  }

  /** Lets a request wait for its turn among long work, before it is parsed and validated. */
  async function takeTurn({ turns, owner, signal, deadline }: Caller): Promise<void> {
    const turn = turns.goOn(owner, { signal, deadline }, requestCost);
    if (turn === null || (await turn)) return;
    signal.throwIfAborted();
    throw tooMuchToDo;
  }

  function noteAccepted(code: string, caller: Caller): void {
    const region = config.regions.find((region) => region.code === code);
    if (region) principals.noteAccepted(caller.identity(region).token);
  }

  /** Sends a stream. A long one releases the request’s slot: it counts against the limit of streams instead. */
  async function sendStream(call: Call, answer: StreamedAnswer, { principal, admitted }: Visit): Promise<void> {
    const { signal } = call.caller;
    const refused = admitted.refusal() ?? (answer.isLong ? streams.refusal(principal) : null);
    // A stream that nobody reads or cancels would keep its timers.
    if (refused || signal.aborted) await answer.stream.cancel();
    if (refused) throw refused;
    signal.throwIfAborted();
    if (!answer.isLong) {
      await finish.stream(call, answer, signal);
      return;
    }
    const open = streams.open(principal);
    admitted.leave();
    try {
      await finish.stream(call, answer, AbortSignal.any([open.signal, signal]));
    } finally {
      open.close();
    }
  }

  return {
    handle,
    drain() {
      isDraining = true;
    },
    close: () => cutoff?.close(),
  };
}

function throwIf(refusal: Refusal | null): void {
  if (refusal) throw refusal;
}

/** Claims memory for the request, until it is over. A small amount is only counted. */
async function payFor(caller: Caller, kind: Kind, bytes: number): Promise<void> {
  if (bytes <= smallBytes) {
    caller.memory.count(kind, bytes);
    return;
  }
  const shortage = await caller.memory.hold(kind).grow(bytes, caller);
  if (shortage) throw noMemory[shortage];
}

function answerFailure(finish: Finish, call: Call, error: unknown): void {
  if (call.response.headersSent) finish.broken(call, error);
  else if (call.caller.signal.aborted) finish.left(call);
  else if (error instanceof Refusal) finish.refuse(call, error);
  else finish.failed(call, error);
}

/** Path and query of the request’s target, which may also be an absolute URL (RFC 9112, 3.2.2). */
function targetOf({ url = '/' }: IncomingMessage): string {
  return url.replace(/^https?:\/\/[^/?#]*/i, '');
}

/** False for repeated or malformed Host headers: another server on the path may read them differently (RFC 9112, 3.2). */
function isForOneHost({ headers: { host = '' }, rawHeaders }: IncomingMessage): boolean {
  let hosts = 0;
  for (let index = 0; index < rawHeaders.length; index += 2) if (rawHeaders[index]?.toLowerCase() === 'host') hosts++;
  return hosts <= 1 && /^[^\s\\/?#@]*$/.test(host);
}

/** The value of a header; undefined if it is missing. Node joins repeated ones by commas. */
function text(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}
