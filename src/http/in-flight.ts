import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Span } from '@opentelemetry/api';
import type { Config } from '../config/config.ts';
import type { EventLoop } from '../fairness/event-loop.ts';
import { workOfBytes, workOfCall } from '../fairness/work.ts';
import type { Gateway } from '../gateway/gateway.ts';
import type { Accepted } from '../operation.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { startRequestSpan } from '../telemetry/request-span.ts';
import { type Exchange, isAccepting } from '../upstream/send.ts';
import type { Admission } from './admission/admission.ts';
import type { Admitted } from './admission/admitted.ts';
import type { Principal, Principals } from './admission/principal.ts';
import { type ClientName, clientNameOf } from './client-name.ts';
import { createRequestCaller, type RequestCaller } from './request-caller.ts';
import { targetOf } from './target.ts';
import { createWaits, type Waits } from './waits.ts';

/** A GraphQL request from its admission to its answer, and what is recorded about it. */
export interface RequestInFlight {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  /** Null if the client accepts no type of ours. */
  readonly accepts: Accepted | null;
  readonly principal: Principal;
  readonly admitted: Admitted;
  readonly caller: RequestCaller;
  /** The attempts at REST calls so far. */
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

/** What requests share from their start on. */
export interface Sources {
  readonly config: Config;
  readonly gateway: Gateway;
  readonly principals: Principals;
  readonly admission: Admission;
  readonly eventLoop: EventLoop;
  readonly metrics: Metrics;
}

export function startRequest(
  sources: Sources,
  request: IncomingMessage,
  response: ServerResponse,
  { principal, accepts }: Pick<RequestInFlight, 'principal' | 'accepts'>,
): RequestInFlight {
  const { config, gateway, principals, metrics } = sources;
  // The time that the request has waited for the event loop counts as part of its duration.
  const start = performance.now() - sources.eventLoop.delay();
  const admitted = sources.admission.open(principal);
  const exchanges: Exchange[] = [];
  const { span, context: spanContext } = startSpan(config, request);
  const owner = () => principals.ownerOf(principal);
  const ownerAtFirst = owner();
  const caller = createRequestCaller(request, response, {
    owner: ownerAtFirst,
    turns: gateway.turns,
    memory: gateway.memory.open(ownerAtFirst),
    deadline: start + config.requestTimeoutMs,
    mostCalls: config.upstreamCallsPerRequest,
    spanContext,
    observe(exchange) {
      exchanges.push(exchange);
      metrics.exchange(exchange);
      admitted.charge(workOfCall + workOfBytes(exchange.bytes));
      if (isAccepting(exchange) && !principals.areAllAccepted(principal)) noteAccepted(sources, exchange, caller);
    },
  });
  const client = clientNameOf(request.headers);
  const waits = createWaits();
  return { request, response, accepts, principal, admitted, caller, exchanges, span, start, waits, client, owner };
}

function startSpan({ graphqlPath, trustTraceparent }: Config, request: IncomingMessage) {
  const { traceparent, tracestate } = request.headers;
  const received = { traceparent: text(traceparent), tracestate: text(tracestate) };
  const [path = ''] = targetOf(request).split('?', 1);
  return startRequestSpan({ method: request.method ?? '', route: graphqlPath, path }, received, trustTraceparent);
}

/** The value of a header; undefined if it is missing. Node joins repeated ones by commas. */
function text(header: string | string[] | undefined): string | undefined {
  return typeof header === 'string' ? header : undefined;
}

function noteAccepted({ config, principals }: Sources, exchange: Exchange, caller: RequestCaller): void {
  const region = config.regions.find(({ code }) => code === exchange.region);
  if (region) principals.noteAccepted(caller.identity(region).token);
}
