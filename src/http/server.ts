import type { RequestListener } from 'node:http';
import { setTimeout } from 'node:timers/promises';
import type { GraphiQLOptions } from 'graphql-yoga';
import type { Config } from '../config/config.ts';
import { createEventLoop } from '../fairness/event-loop.ts';
import { createGateway } from '../gateway/gateway.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createMetrics, type Metrics } from '../telemetry/metrics.ts';
import { createAdmission } from './admission/admission.ts';
import { createPrincipals, type Principals } from './admission/principal.ts';
import { createStreams } from './admission/streams.ts';
import { type Listening, type ListenLimits, listen } from './connections/listen.ts';
import { createCors, noCors } from './cors.ts';
import { createPage, exampleOptions } from './graphiql/page.ts';
import { createHandler, type Sharing } from './handler.ts';
import { sendMetrics } from './plain-response.ts';

/** A gateway that listens. */
export interface RunningServer extends AsyncDisposable {
  /** Such as `http://127.0.0.1:4000`. */
  readonly url: string;
  /** Where `/metrics` is. */
  readonly metricsUrl: string;
  /** Says no at `/ready`, finishes what was begun, then closes. */
  close(): Promise<void>;
}

/**
 * @param graphiql what GraphiQL shows at first; examples that suit any regions by default.
 * @param maxConnections the most connections of clients at once; tests set fewer.
 */
export async function startServer(
  config: Config,
  logger: Logger,
  graphiql: GraphiQLOptions = exampleOptions(config),
  maxConnections = 10_000,
): Promise<RunningServer> {
  const metrics = createMetrics();
  const principals = createPrincipals(config.regions);
  const gateway = createGateway(config, logger, metrics, principals);
  // After the gateway, whose schema keeps the event loop busy: the delay would be measured as load.
  const sharing = createSharing(config, principals, metrics);
  const page = config.graphiql ? createPage(graphiql) : null;
  const handler = createHandler(config, gateway, page, sharing, logger, metrics);
  const { port, host, keepAliveTimeoutMs: keepAliveMs, connectionMaxAgeMs: maxAgeMs } = config;
  const limits = { keepAliveMs, maxAgeMs, most: maxConnections };
  const listening = await listen(handler.handle, createCors(config), { variable: 'PORT', port, host }, limits);
  listening.server.on('connection', gateway.turns.yield);
  const ofMetrics = await listenForMetrics(config, metrics, limits).catch((error) => {
    // What listens already would keep the process.
    listening.server.close();
    throw error;
  });

  async function close(): Promise<void> {
    handler.drain();
    // Balancers need time to notice that it is no longer ready.
    await setTimeout(config.drainDelayMs);
    // Their clients open them anew, elsewhere.
    sharing.streams.end();
    const graceMs = config.requestTimeoutMs + lastAnswersMs;
    const open = ofMetrics ? [listening, ofMetrics] : [listening];
    const cutOff = await Promise.all(open.map(({ connections }) => connections.close(graceMs)));
    const connections = cutOff.reduce((sum, count) => sum + count);
    if (connections > 0) logger.warn({ connections }, 'cut off');
    handler.close();
    sharing.eventLoop.close();
    await gateway.close();
  }

  return {
    url: listening.url,
    metricsUrl: (ofMetrics ?? listening).url,
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** How long the answers to the last requests may take to be written out, in milliseconds. */
const lastAnswersMs = 500;

function createSharing(config: Config, principals: Principals, metrics: Metrics): Sharing {
  const eventLoop = createEventLoop();
  const admission = createAdmission(config.maxInFlight, principals, eventLoop);
  const limits = { most: config.maxStreams, lifetimeMs: config.streamLifetimeMs };
  const streams = createStreams(limits, principals.isAccepted);
  metrics.watchRequests(admission);
  metrics.watchStreams(streams);
  principals.onAccepted(admission.noteAccepted);
  principals.onAccepted(streams.noteAccepted);
  return { principals, admission, streams, eventLoop };
}

/** Null if `/metrics` has no port of its own. */
async function listenForMetrics(config: Config, metrics: Metrics, limits: ListenLimits): Promise<Listening | null> {
  const { metricsPort: port, host } = config;
  if (port === null) return null;
  const answer: RequestListener = (_, response) => void sendMetrics(response, metrics, false);
  return listen(answer, noCors, { variable: 'METRICS_PORT', port, host }, limits);
}
