import { type ChildProcess, spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFileSync } from 'node:fs';
import { connect, type Socket } from 'node:net';

/** A region in a process that is stopped, and to which no further connection can be made: its kernel drops every SYN. */
export interface SlowListener extends AsyncDisposable {
  readonly port: number;
  /** Whether a SYN was sent to it and has had no answer yet. */
  isAwaited(): boolean;
  /** Lets the process run. A SYN that was dropped is sent again by the kernel, a second after the first. */
  wake(): void;
}

const source = `
  const [host, port] = process.argv.slice(1);
  const answer = (request, response) => response.setHeader('content-type', 'application/json').end('{"volumes": []}');
  const server = require('node:http').createServer(answer);
  server.listen({ host, port: Number(port), backlog: 1 }, () => console.log(server.address().port));`;

/** The kernel completes one handshake more than the backlog, whether the process accepts connections or not. */
const queued = 2;

/** @param host an IPv4 address of the loopback network. */
export async function startSlowListener(host: string, port = 0): Promise<SlowListener> {
  const child = spawn(process.execPath, ['-e', source, host, String(port)], { stdio: ['ignore', 'pipe', 'ignore'] });
  let listening = Number.NaN;
  for await (const line of child.stdout) {
    listening = Number(line);
    break;
  }
  child.kill('SIGSTOP');
  const fillers = await Promise.all(Array.from({ length: queued }, () => fill(host, listening)));
  return {
    port: listening,
    isAwaited: () => synSent(host, listening),
    wake: () => void child.kill('SIGCONT'),
    async [Symbol.asyncDispose]() {
      for (const filler of fillers) filler.destroy();
      await end(child);
    },
  };
}

async function fill(host: string, port: number): Promise<Socket> {
  const socket = connect(port, host);
  // The process is killed at the end.
  socket.on('error', () => {});
  await once(socket, 'connect');
  return socket;
}

/** Whether Linux has a socket in the state SYN_SENT, number 2, to this address. */
function synSent(host: string, port: number): boolean {
  const address = Buffer.from(host.split('.').map(Number)).readUInt32LE().toString(16);
  const remote = `${address}:${port.toString(16)}`.toUpperCase().padStart(13, '0');
  return readFileSync('/proc/net/tcp', 'utf8').includes(` ${remote} 02 `);
}

async function end(child: ChildProcess): Promise<void> {
  const closed = once(child, 'close');
  child.kill('SIGKILL');
  await closed;
}
