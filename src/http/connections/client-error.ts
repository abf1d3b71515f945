import type { IncomingMessage, Server, ServerResponse } from 'node:http';
import type { Socket } from 'node:net';
import type { Duplex } from 'node:stream';
import type { ErrorCode } from '../../errors/codes.ts';
import { type Cors, originIn } from '../cors.ts';
import type { Linger } from './linger.ts';

/**
 * Answers bytes that are no HTTP request, too large a head, or a request that does not come to its end, and closes the
 * connection. Never logs or repeats received bytes, which can hold tokens; an allowed origin is the only exception.
 */
export function answerClientErrors(server: Server, linger: Linger, cors: Cors): void {
  const open = new Map<Duplex, Connection>();
  server.on('connection', (socket) => {
    open.set(socket, { socket, newest: undefined, isFailed: false });
    socket.once('close', () => open.delete(socket));
  });
  server.on('request', (request, response) => {
    const connection = open.get(request.socket);
    if (!connection) return;
    connection.newest = { request, response, earlier: connection.newest?.response };
    response.on('close', () => {
      if (request.complete && connection.newest?.response === response) connection.newest = undefined;
    });
  });
  server.on('clientError', (error, socket) => {
    const connection = open.get(socket);
    // Node reports each further error too.
    if (!connection || connection.isFailed) return;
    connection.isFailed = true;
    const last = connection.newest;
    const code = 'code' in error ? String(error.code) : '';
    // Read at once, so that an answer that waits for an earlier one does not keep the packet.
    const headers = cors({ headers: { origin: originOf(last, error) } });
    const answer = () => {
      answerOnce(connection.socket, code, headers, last);
      linger(connection.socket);
    };
    // What came whole before the fault is answered first: it may have changed something.
    const pending = last?.request.complete ? last.response : last?.earlier;
    if (pending && !pending.writableFinished) pending.once('close', answer);
    else answer();
  });
}

interface Connection {
  /** The event's own socket has a wider type. */
  readonly socket: Socket;
  newest: LastRequest | undefined;
  /** Whether Node has reported an error of it. */
  isFailed: boolean;
}

/** The request that came last on a connection, and the answer to the one before it. */
interface LastRequest {
  readonly request: IncomingMessage;
  readonly response: ServerResponse;
  readonly earlier: ServerResponse | undefined;
}

/** The origin of the request that failed: from its headers where they were parsed, else from the packet that failed. */
function originOf(last: LastRequest | undefined, error: Error): string | undefined {
  if (last?.request.complete === false) return last.request.headers.origin;
  if (!('rawPacket' in error && 'bytesParsed' in error && Buffer.isBuffer(error.rawPacket))) return undefined;
  return originIn(error.rawPacket, Number(error.bytesParsed));
}

function answerOnce(socket: Socket, code: string, headers: ReturnType<Cors>, last: LastRequest | undefined): void {
  const isAnswered = last?.request.complete === false && last.response.headersSent;
  if (socket.writable && !isAnswered) socket.write(write(known.get(code) ?? malformed, headers));
}

function write({ status, code, message }: ClientError, headers: ReturnType<Cors>): string {
  const body = JSON.stringify({ errors: [{ message, extensions: { code } }] });
  const head = [
    `HTTP/1.1 ${status}`,
    `date: ${new Date().toUTCString()}`,
    'content-type: application/json; charset=utf-8',
    `content-length: ${Buffer.byteLength(body)}`,
    'cache-control: no-store',
    'x-content-type-options: nosniff',
    'connection: close',
    ...Object.entries(headers).map(([name, value]) => `${name}: ${value}`),
  ];
  return `${head.join('\r\n')}\r\n\r\n${body}`;
}

interface ClientError {
  readonly status: string;
  readonly code: ErrorCode;
  readonly message: string;
}

const malformed: ClientError = {
  status: '400 Bad Request',
  code: 'BAD_USER_INPUT',
  message: 'This is no HTTP request, or it broke off.',
};

/** By the codes of Node and of its parser. */
const known = new Map<string, ClientError>([
  [
    'HPE_HEADER_OVERFLOW',
    {
      status: '431 Request Header Fields Too Large',
      code: 'PAYLOAD_TOO_LARGE',
      message: 'Address and headers of the request are larger than 16 KiB, or there are too many. Send less.',
    },
  ],
  [
    'HPE_CHUNK_EXTENSIONS_OVERFLOW',
    {
      status: '413 Payload Too Large',
      code: 'PAYLOAD_TOO_LARGE',
      message: 'The chunk extensions of the request are too large. Send none.',
    },
  ],
  [
    'ERR_HTTP_REQUEST_TIMEOUT',
    { status: '408 Request Timeout', code: 'BAD_USER_INPUT', message: 'The request did not arrive in time.' },
  ],
]);
