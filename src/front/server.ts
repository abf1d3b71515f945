import { createServer, type RequestListener, type Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout } from 'node:timers/promises';
import type { GraphiQLOptions } from 'graphql-yoga';
import { type Config, ConfigError } from '../config.ts';
import { createEventLoop } from '../fairness/event-loop.ts';
import { createGateway } from '../gateway.ts';
import { exampleOptions, renderPage } from '../graphiql.ts';
import type { Logger } from '../logger.ts';
import { createMetrics } from '../metrics.ts';
import { createAdmission } from './admission.ts';
import { answerClientErrors } from './client-error.ts';
import { type Connections, watchConnections } from './connections.ts';
import { type Cors, createCors } from './cors.ts';
import { createFinish } from './finish.ts';
import { createFront } from './handler.ts';
import { createLinger } from './linger.ts';
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

/** @param graphiql what GraphiQL shows at first; examples that suit any regions if left out. */
export async function startServer(
  config: Config,
  logger: Logger,
  graphiql: GraphiQLOptions = exampleOptions(config),
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
  const front = createFront(config, gateway, page, { principals, admission, streams, eventLoop }, logger, metrics);
  const listening = await listen(front.handle, createCors(config.corsOrigins), 'PORT', config.port, config.host);
  listening.server.on('connection', gateway.turns.yield);
  const { metricsPort } = config;
  const finish = createFinish({ ...config, corsOrigins: [] }, logger, metrics, () => false);
  const metricsListening = await startMetrics().catch((error) => {
    // What listens already would keep the process.
    listening.server.close();
    throw error;
  });

  async function startMetrics(): Promise<Listening | null> {
    if (metricsPort === null) return null;
    const answer: RequestListener = (_, response) => void finish.metrics(response);
    return listen(answer, createCors([]), 'METRICS_PORT', metricsPort, config.host);
  }

  async function close(): Promise<void> {
    front.drain();
    // Balancers need time to notice that it is no longer ready.
    await setTimeout(config.drainDelayMs);
    // Clients that are still there open them anew, elsewhere.
    streams.end();
    const graceMs = config.requestTimeoutMs + lastAnswersMs;
    const open = metricsListening ? [listening, metricsListening] : [listening];
    const cutOff = await Promise.all(open.map(({ connections }) => connections.close(graceMs)));
    const connections = cutOff.reduce((sum, count) => sum + count);
    if (connections > 0) logger.warn({ connections }, 'cut off');
    front.close();
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
const limits = {
  headersTimeout: 10_000,
  requestTimeout: 15_000,
  connectionsCheckingInterval: 1_000,
  // Longer than balancers keep theirs, so that none sends on a connection that is just being closed.
  keepAliveTimeout: 75_000,
};

const maxConnections = 10_000;

interface Listening {
  readonly server: Server;
  readonly connections: Connections;
}

function listen(
  listener: RequestListener,
  cors: Cors,
  variable: string,
  port: number,
  host: string,
): Promise<Listening> {
  return new Promise((resolve, reject) => {
    const server = createServer(limits, (request, response) => {
      // Ignores requests that were parsed after the connection's last answer (RFC 9112, 9.6).
      if (!request.socket.writableEnded) listener(request, response);
    });
    const linger = createLinger();
    const connections = watchConnections(server, linger);
    server.maxConnections = maxConnections;
    answerClientErrors(server, linger, cors);
    // Node would send `100 Continue` before it is known whether the body is wanted: the body reader does it.
    server.on('checkContinue', (request, response) => server.emit('request', request, response));
    server.once('error', (error) => {
      const isTaken = 'code' in error && error.code === 'EADDRINUSE';
      reject(isTaken ? new ConfigError([`${variable}: ${port} is in use on ${host}; choose another`]) : error);
    });
    server.listen(port, host, () => resolve({ server, connections }));
  });
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
