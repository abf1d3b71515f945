import { once } from 'node:events';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';
import { alice } from './stack.ts';

/** A connection whose bytes are the test's own. */
export interface Connection extends Disposable {
  readonly socket: Socket;
  readonly received: string;
  readonly closed: Promise<void>;
  /** Resolves when the bytes are with the system, and so with the other side. */
  send(bytes: string): Promise<void>;
}

/** @param port of 127.0.0.1. */
export function openConnection(port: number): Connection {
  const socket = connect(port, '127.0.0.1');
  const chunks: Buffer[] = [];
  socket.on('data', (chunk) => chunks.push(chunk));
  // How it ended is told by what was received.
  socket.on('error', () => {});
  return {
    socket,
    get received() {
      return Buffer.concat(chunks).toString();
    },
    closed: new Promise((resolve) => socket.once('close', () => resolve())),
    send: (bytes) => new Promise((resolve) => socket.write(bytes, () => resolve())),
    [Symbol.dispose]: () => void socket.destroy(),
  };
}

/** Whether a new connection is taken; one that is kept tells nothing of it. */
export async function listens(port: number): Promise<boolean> {
  const socket = connect(port, '127.0.0.1');
  const isTaken = await new Promise<boolean>((resolve) => {
    socket.once('connect', () => resolve(true));
    socket.once('error', () => resolve(false));
  });
  socket.destroy();
  return isTaken;
}

/** The bytes of alice's query. */
export function requestOf(query: string): string {
  const body = JSON.stringify({ query });
  const headers = [
    'Host: x',
    'Content-Type: application/json',
    `Content-Length: ${Buffer.byteLength(body)}`,
    `X-Auth-Token: ${alice.token}`,
    `X-Tenant-Id: ${alice.tenant}`,
  ];
  return `POST /graphql HTTP/1.1\r\n${headers.join('\r\n')}\r\n\r\n${body}`;
}

/** A port of 127.0.0.1 at which nobody listens. */
export async function freePort(): Promise<number> {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server always has an address of this shape.
  const { port } = server.address() as AddressInfo;
  server.close();
  await once(server, 'close');
  return port;
}
