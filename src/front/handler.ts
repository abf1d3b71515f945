import { randomUUID } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import type { Config } from '../config.ts';
import type { Gateway } from '../gateway.ts';
import { readIdentity, readTenant } from '../identity.ts';
import type { Logger } from '../logger.ts';
import type { Metrics } from '../metrics.ts';
import type { Region } from '../regions.ts';
import type { Caller, Exchange, Identity } from '../upstream/send.ts';
import type { Admission } from './admission.ts';
import { readBody } from './body.ts';
import { createFinish, type Finish } from './finish.ts';
import { Refusal } from './refusal.ts';

/** Answers everything that comes in on the public port. */
export interface Front {
  readonly handle: (request: IncomingMessage, response: ServerResponse) => void;
  /** From now on `/ready` says no, so that balancers send nothing new. */
  drain(): void;
}

export function createFront(
  config: Config,
  gateway: Gateway,
  admission: Admission,
  logger: Logger,
  metrics: Metrics,
): Front {
  let isDraining = false;
  const finish = createFinish(logger, metrics, () => isDraining);

  function handle(request: IncomingMessage, response: ServerResponse): void {
    const [path] = (request.url ?? '').split('?');
    if (path === '/graphql') void answer(request, response);
    else if (path === '/health') finish.text(response, 200, 'alive\n');
    else if (path === '/ready') finish.text(response, isDraining ? 503 : 200, isDraining ? 'draining\n' : 'ready\n');
    else if (path === '/metrics' && config.metricsPort === null) void finish.metrics(response);
    else finish.text(response, 404, 'Not found. GraphQL is at /graphql.\n');
  }

  async function answer(request: IncomingMessage, response: ServerResponse): Promise<void> {
    const exchanges: Exchange[] = [];
    const caller = createCaller(config, request, response, (exchange) => {
      exchanges.push(exchange);
      metrics.exchange(exchange);
    });
    const call = { request, response, caller, exchanges, start: performance.now() };
    let leave: (() => void) | undefined;
    try {
      leave = await admission.admit(tokenOf(request));
      const body = await readBody(request);
      const url = `http://gateway${request.url}`;
      const init = { method: request.method ?? 'GET', headers: headersOf(request), body, signal: caller.signal };
      const isTraced = config.trace && request.headers['x-gateway-trace'] === '1';
      await finish.answer(call, await gateway.fetch({ url, init }, caller, isTraced ? exchanges : null));
    } catch (error) {
      answerFailure(finish, call, error);
    } finally {
      // What was started beside the answer and not needed for it ends with it.
      caller.finish();
      leave?.();
    }
  }

  return {
    handle,
    drain() {
      isDraining = true;
    },
  };
}

function answerFailure(finish: Finish, call: Parameters<Finish['answer']>[0], error: unknown): void {
  if (call.caller.signal.aborted) finish.left(call);
  else if (error instanceof Refusal) finish.refuse(call, error);
  else finish.failed(call, error);
}

/** Whose request it is, as far as the general headers tell; not checked, and never kept. */
function tokenOf({ headers }: IncomingMessage): string | null {
  return String(headers['x-auth-token'] ?? headers.authorization ?? '') || null;
}

/** The caller behind a request. */
function createCaller(
  config: Config,
  request: IncomingMessage,
  response: ServerResponse,
  observe: Caller['observe'],
): Caller & { finish(): void } {
  const identities = new Map<string, Identity>();
  const left = new AbortController();
  response.once('close', () => {
    if (!response.writableFinished) left.abort(new Error('the client left'));
  });
  const { traceparent, 'x-request-id': requestId } = request.headers;
  return {
    identity(region: Region) {
      const identity = identities.get(region.code) ?? readIdentity(request.headersDistinct, region);
      identities.set(region.code, identity);
      return identity;
    },
    tenant: (region) => readTenant(request.headersDistinct, region),
    signal: left.signal,
    deadline: performance.now() + config.requestTimeoutMs,
    requestId: typeof requestId === 'string' && /^[A-Za-z0-9._-]{1,64}$/.test(requestId) ? requestId : randomUUID(),
    traceparent: typeof traceparent === 'string' && isTraceparent(traceparent) ? traceparent : null,
    observe,
    finish: () => left.abort(new Error('the request is answered')),
  };
}

function isTraceparent(text: string): boolean {
  return /^[0-9a-f]{2}-[0-9a-f]{32}-[0-9a-f]{16}-[0-9a-f]{2}$/.test(text);
}

/** What the GraphQL server needs to know. Credentials are not among it: they are read where calls are made. */
function headersOf({ headers }: IncomingMessage): Record<string, string> {
  const passed: Record<string, string> = {};
  for (const name of [
    'accept',
    'content-type',
    'origin',
    'access-control-request-method',
    'access-control-request-headers',
  ] as const) {
    const value = headers[name];
    if (value !== undefined) passed[name] = value;
  }
  return passed;
}
