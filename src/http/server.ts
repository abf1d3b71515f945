import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { GraphiQLOptions } from 'graphql-yoga';
import { type Config, ConfigError } from '../config/config.ts';
import { createEventLoop } from '../fairness/event-loop.ts';
import { createGateway } from '../gateway/gateway.ts';
import type { Logger } from '../telemetry/logger.ts';
import { createMetrics } from '../telemetry/metrics.ts';
import { createAdmission } from './admission.ts';
import { answerClientErrors } from './client-error.ts';
import { type ConnectionLimits, type Connections, watchConnections } from './connections.ts';
import { type Cors, createCors } from './cors.ts';
import { exampleOptions, renderPage } from './graphiql.ts';
import { createHandler } from './handler.ts';
import { createLinger } from './linger.ts';
import { sendMetrics } from './plain-response.ts';
import { createPrincipals } from './principal.ts';
import { createStreams } from './streams.ts';

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
 * @param graphiql what GraphiQL shows at first; examples that suit any regions if left out.
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
  const eventLoop = createEventLoop();
  const admission = createAdmission(config.maxInFlight, principals, eventLoop);
  metrics.watchRequests(admission);
  const streams = createStreams(
    { most: config.maxStreams, lifetimeMs: config.streamLifetimeMs },
    principals.isAccepted,
  );
  metrics.watchStreams(streams);
  principals.onAccepted(admission.noteAccepted);
  principals.onAccepted(streams.noteAccepted);
  const page = config.graphiql ? Buffer.from(renderPage(graphiql)) : null;
  const handler = createHandler(config, gateway, page, { principals, admission, streams, eventLoop }, logger, metrics);
  const limits = {
    keepAliveMs: config.keepAliveTimeoutMs,
    maxAgeMs: config.connectionMaxAgeMs,
    most: maxConnections,
  };
  const listening = await listen(
    handler.handle,
    createCors(config.corsOrigins),
    'PORT',
    config.port,
    config.host,
    limits,
  );
  listening.server.on('connection', gateway.turns.yield);
  const { metricsPort } = config;
  const metricsListening = await startMetrics().catch((error) => {
    // What listens already would keep the process.
    listening.server.close();
    throw error;
  });

  async function startMetrics(): Promise<Listening | null> {
    if (metricsPort === null) return null;
    const answer: RequestListener = (_, response) => void sendMetrics(response, metrics, false);
    return listen(answer, createCors([]), 'METRICS_PORT', metricsPort, config.host, limits);
  }

  async function close(): Promise<void> {
    handler.drain();
    // Balancers need time to notice that it is no longer ready.
    await setTimeout(config.drainDelayMs);
    // Clients that are still there open them anew, elsewhere.
    streams.end();
    const graceMs = config.requestTimeoutMs + lastAnswersMs;
    const open = metricsListening ? [listening, metricsListening] : [listening];
    const cutOff = await Promise.all(open.map(({ connections }) => connections.close(graceMs)));
    const connections = cutOff.reduce((sum, count) => sum + count);
    if (connections > 0) logger.warn({ connections }, 'cut off');
    handler.close();
    eventLoop.close();
    await gateway.close();
  }

  return {
    url: urlOf(listening.server),
    metricsUrl: urlOf((metricsListening ?? listening).server),
    close,
    [Symbol.asyncDispose]: close,
  };
}

/** How long the answers to the last requests may take to be written out, in milliseconds. */
const lastAnswersMs = 500;

/** What a connection may take its time for, in milliseconds: enough for any client, too little for one that holds out. */
const timeouts = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1_000,
};

interface ListenLimits extends ConnectionLimits {
  /** How long a connection is kept for its next request, in milliseconds. Node keeps it a second longer than it says. */
  readonly keepAliveMs: number;
}

interface Listening {
  readonly server: Server;
  readonly connections: Connections;
}

function listen(
  listener: RequestListener,
  cors: Cors,
  variable: string,
  port: number,
  host: string | null,
  limits: ListenLimits,
): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const server = createServer({ ...timeouts, keepAliveTimeout: limits.keepAliveMs });
    const linger = createLinger();
    const connections = watchConnections(server, linger, listener, limits);
    answerClientErrors(server, linger, cors);
    // Node would send `100 Continue` before it is known whether the body is wanted: the body reader does it.
    server.on('checkContinue', (request, response) => server.emit('request', request, response));
    server.once('error', (error) => {
      const problem = 'code' in error ? listenProblem(error.code, variable, port, host) : null;
      reject(problem === null ? error : new ConfigError([problem]));
    });
    // Without a host Node listens on `::`, which takes IPv4 too, or on 0.0.0.0 if the machine has no IPv6.
    server.listen(port, host ?? undefined, () => resolve({ server, connections }));
  });
}

/** What to change so that the gateway can listen; null if the error is not the configuration's. */
function listenProblem(code: unknown, variable: string, port: number, host: string | null): string | null {
  switch (code) {
    case 'EADDRINUSE':
      return `${variable}: ${port} is in use${host === null ? '' : ` on ${host}`}; choose another`;
    case 'EACCES':
      return `${variable}: only a privileged user may listen on ${port}: write a port from 1024 to 65535`;
    case 'EADDRNOTAVAIL':
    case 'EAFNOSUPPORT':
    case 'EAI_AGAIN':
    case 'EINVAL':
    case 'ENOTFOUND':
      return `HOST: ${host} is not an address of this machine: write one without scheme and port, such as 127.0.0.1 for programs on this machine, or leave HOST empty for all addresses`;
    default:
      return null;
  }
}

function urlOf(server: Server): string {
  // A listening TCP server always has an address of this shape.
  const { address, family, port } = server.address() as AddressInfo;
  const host = /^(127\.0\.0\.1|0\.0\.0\.0|::)$/.test(address)
    ? 'localhost'
    : family === 'IPv6'
      ? `[${address}]`
      : address;
  return `http://${host}:${port}`;
}
