import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from '../config/config.ts';
import type { EventLoop } from '../fairness/event-loop.ts';
import { memoryBudget } from '../fairness/memory-budget.ts';
import type { Gateway } from '../gateway/gateway.ts';
import { createReplays } from '../replay/replay.ts';
import type { Logger } from '../telemetry/logger.ts';
import type { Metrics } from '../telemetry/metrics.ts';
import { prefersPage, readAccept } from './accept.ts';
import type { Admission } from './admission/admission.ts';
import { createBursts } from './admission/bursts.ts';
import type { Principals } from './admission/principal.ts';
import type { Streams } from './admission/streams.ts';
import { createBodyReader } from './body.ts';
import { isPreflight } from './cors.ts';
import type { GraphiQLPage } from './graphiql/page.ts';
import { answerGraphQL, type GraphQLHandling } from './graphql-request.ts';
import { type Sources, startRequest } from './in-flight.ts';
import { sendMetrics, sendRedirect, sendText } from './plain-response.ts';
import { createResponder } from './respond.ts';
import { sendError, turnAway } from './send-error.ts';
import { isForOneHost, targetOf } from './target.ts';

/** What callers share, and how it is divided. */
export interface Sharing {
  readonly principals: Principals;
  readonly admission: Admission;
  readonly streams: Streams;
  readonly eventLoop: EventLoop;
}

/** Answers everything that comes in on the public port. */
export interface Handler {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** Makes `/ready` answer 503, so that balancers send no new requests. */
  drain(): void;
  /** To be called when all requests have been answered. */
  close(): void;
}

/** @param page GraphiQL; null if it is off. */
export function createHandler(
  config: Config,
  gateway: Gateway,
  page: GraphiQLPage | null,
  { principals, admission, streams, eventLoop }: Sharing,
  logger: Logger,
  metrics: Metrics,
): Handler {
  let isDraining = false;
  const { incoming, records } = memoryBudget(config.memoryLimitMib);
  const replays = config.usesFastPaths ? createReplays(records, gateway.documentsVersion) : null;
  const responder = createResponder(config, logger, metrics, () => isDraining);
  const readBody = createBodyReader(incoming);
  const bursts = createBursts(config.maxInFlight);
  const sources = { config, gateway, principals, admission, eventLoop, metrics };
  const handling = { config, gateway, responder, readBody, admission, streams, bursts, replays };
  const { graphqlPath } = config;

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const [path] = targetOf(request).split('?');
    if (!isForOneHost(request)) sendText(response, 400, 'Send one Host.\n', isDraining);
    else if (path === graphqlPath || path === `${graphqlPath}/`)
      void handleGraphQL(handling, sources, request, response, page);
    else if (path === '/health') sendText(response, 200, 'alive\n', isDraining);
    else if (path === '/ready')
      sendText(response, isDraining ? 503 : 200, isDraining ? 'draining\n' : 'ready\n', isDraining);
    else if (path === '/metrics' && config.metricsPort === null) void sendMetrics(response, metrics, isDraining);
    else if (path === '/' && isForPage(request, page)) sendRedirect(response, graphqlPath.slice(1), isDraining);
    else sendText(response, 404, `Not found. GraphQL is at ${graphqlPath}.\n`, isDraining);
  }

  return {
    handle,
    drain() {
      isDraining = true;
    },
    close: () => replays?.close(),
  };
}

/** From the first look at the headers of a GraphQL request to the end of its answer. Never rejects. */
async function handleGraphQL(
  handling: GraphQLHandling,
  sources: Sources,
  request: IncomingMessage,
  response: ServerResponse,
  page: GraphiQLPage | null,
): Promise<void> {
  const { responder, admission, bursts } = handling;
  if (isPreflight(request)) {
    response.writeHead(204, responder.headers.ofPreflight(request)).end();
    return;
  }
  const principal = sources.principals.of(request.headers);
  const accepts = readAccept(request.headers.accept);
  const refusal = admission.refusal(principal) ?? bursts.refusal(sources.principals.ownerOf(principal));
  if (refusal) {
    turnAway(responder, request, response, accepts, refusal);
    return;
  }
  const flight = startRequest(sources, request, response, { principal, accepts });
  try {
    await answerGraphQL(handling, flight, isForPage(request, page) ? page : null);
  } catch (error) {
    sendError(responder, flight, error);
  } finally {
    // Cancels REST calls that are still running although the answer did not need them.
    flight.caller.end();
    flight.admitted.leave();
  }
}

/** Whether a browser asks for GraphiQL, and it is on. */
function isForPage({ method, headers }: IncomingMessage, page: GraphiQLPage | null): boolean {
  return page !== null && method === 'GET' && prefersPage(headers.accept);
}
