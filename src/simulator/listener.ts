import { randomUUID } from 'node:crypto';
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http';
import { setTimeout as delay } from 'node:timers/promises';
import type { Answer } from './answer.ts';
import { MAX_BODY_BYTES } from './error.ts';
import { type FaultList, injectedAnswer } from './fault.ts';
import type { Gate } from './gate.ts';
import type { Region } from './region.ts';
import type { LoggedRequest, RequestLog } from './request-log.ts';
import { brokenAnswer, route } from './router.ts';

/** What the listeners of all regions share. */
export interface Surroundings {
  readonly tokens: Readonly<Record<string, string>>;
  readonly log: RequestLog;
  readonly faults: FaultList;
  readonly gate: Gate;
}

/** Keeps idle connections longer than any client does, so that it is the client that closes them. */
const KEEP_ALIVE_MS = 65_000;

/** The HTTP server of one region, not listening yet. */
export function createListener(region: Region, down: boolean, surroundings: Surroundings): Server {
  const server = createServer({ keepAliveTimeout: KEEP_ALIVE_MS }, (request, response) => {
    void serve(region, surroundings, request, response);
  });
  if (down) server.on('connection', (socket) => socket.resetAndDestroy());
  return server;
}

async function serve(region: Region, around: Surroundings, request: IncomingMessage, response: ServerResponse) {
  const entry = around.log.open(region.code, request);
  response.once('close', () => {
    if (!entry.done) entry.aborted = true;
    entry.done = true;
  });
  const body = await readBody(request);
  if (!body) return;
  around.log.read(entry);
  await around.gate.passed();
  // The client has left while the answer was held back: as with a queue in front of the service, nothing happens.
  if (response.destroyed) return;

  const fault = around.faults.take(region.code, entry.method, entry.path);
  if (fault?.kind === 'hang') return;
  if (fault?.kind === 'reset') {
    entry.done = true;
    request.socket.resetAndDestroy();
    return;
  }
  const answer = (fault && injectedAnswer(fault)) ?? answerTo(region, around, request, body);
  if (fault?.kind === 'delay') await delay(fault.ms ?? 0);
  write(entry, request, response, answer, fault?.kind === 'halfBody');
}

function answerTo(region: Region, { tokens }: Surroundings, request: IncomingMessage, body: Buffer): Answer {
  const { method = '', url = '', headers } = request;
  try {
    return route(region, tokens, { method, target: url, headers, body });
  } catch (error) {
    return brokenAnswer(error);
  }
}

function write(
  entry: LoggedRequest,
  request: IncomingMessage,
  response: ServerResponse,
  answer: Answer,
  half: boolean,
) {
  if (response.destroyed) return;
  const bytes = Buffer.from(request.method === 'HEAD' ? '' : answer.body);
  const headers = { ...answer.headers, 'Content-Length': String(bytes.length), ...requestIds(answer) };
  entry.status = answer.status;
  response.writeHead(answer.status, headers);
  if (half) {
    entry.done = true;
    response.write(bytes.subarray(0, bytes.length >> 1), () => request.socket.destroy());
    return;
  }
  response.end(bytes, () => {
    entry.done = true;
  });
}

/** The API's own answers have the id twice; deletes, 401 and HTML pages have it once (FACTS 15). */
function requestIds(answer: Answer): Record<string, string> {
  const id = `req-${randomUUID()}`;
  const proper = answer.headers['Content-Type'] === 'application/json' && answer.status !== 401;
  return { ...(proper ? { 'X-Compute-Request-Id': id } : {}), 'X-Openstack-Request-Id': id };
}

/** The whole body, one byte more than allowed of a longer one, or nothing when the client left in the middle. */
async function readBody(request: IncomingMessage): Promise<Buffer | undefined> {
  const chunks: Buffer[] = [];
  let length = 0;
  try {
    for await (const chunk of request) {
      if (length <= MAX_BODY_BYTES) chunks.push(chunk);
      length += chunk.length;
    }
  } catch {
    return undefined;
  }
  return Buffer.concat(chunks);
}
