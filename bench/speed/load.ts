import { connect, type Socket } from 'node:net';
import { setTimeout } from 'node:timers/promises';

/*
 * A thin load generator: a closed loop over bare sockets, one request at a time on each, which reads no more of an
 * answer than where it ends. It must cost less than the servers that it measures.
 */

export interface LoadOptions {
  readonly port: number;
  /** The request of each connection, as it goes over the wire. */
  readonly requests: readonly Buffer[];
  readonly seconds: number;
  /** Seconds before that, which are not counted. */
  readonly leadIn: number;
  /** Called when the counted time begins, and when it ends. */
  readonly onStart?: () => void;
  readonly onEnd?: () => void;
}

export interface Load {
  /** Answers in the counted time. */
  readonly answers: number;
  /** All answers. */
  readonly total: number;
  /** Milliseconds of each answer, smallest first. */
  readonly latencies: Float64Array;
  /** Statuses other than 200 and connections that broke off, with how often. */
  readonly faults: ReadonlyMap<string, number>;
  /** Sizes of the bodies of answers that were met. */
  readonly sizes: ReadonlySet<number>;
}

/** A POST as a browser's fetch sends it, as short as it may be. */
export function postRequest(path: string, headers: Readonly<Record<string, string>>, body: string): Buffer {
  const lines = Object.entries({
    host: 'localhost',
    accept: 'application/json',
    'content-type': 'application/json',
    'content-length': String(Buffer.byteLength(body)),
    ...headers,
  }).map(([name, value]) => `${name}: ${value}\r\n`);
  return Buffer.from(`POST ${path} HTTP/1.1\r\n${lines.join('')}\r\n${body}`);
}

export function getRequest(path: string, headers: Readonly<Record<string, string>>): Buffer {
  const lines = Object.entries({ host: 'localhost', accept: 'application/json', ...headers });
  return Buffer.from(`GET ${path} HTTP/1.1\r\n${lines.map(([name, value]) => `${name}: ${value}\r\n`).join('')}\r\n`);
}

/** Keeps every connection busy for a while. Ends when the last answers are there. */
export async function load({ port, requests, seconds, leadIn, onStart, onEnd }: LoadOptions): Promise<Load> {
  const latencies: number[] = [];
  const faults = new Map<string, number>();
  const sizes = new Set<number>();
  const from = performance.now() + leadIn * 1000;
  const until = from + seconds * 1000;
  let total = 0;
  const ticks = [
    setTimeout(leadIn * 1000).then(() => onStart?.()),
    setTimeout((leadIn + seconds) * 1000).then(() => onEnd?.()),
  ];

  const fault = (what: string) => faults.set(what, (faults.get(what) ?? 0) + 1);

  const loop = async (request: Buffer) => {
    while (performance.now() < until) {
      const connection = openConnection(port);
      try {
        while (performance.now() < until) {
          const start = performance.now();
          const { status, size } = await connection.ask(request);
          const end = performance.now();
          total++;
          if (status !== 200) fault(`status ${status}`);
          // An answer counts when it comes within the time, however long it took.
          if (end < from || end > until) continue;
          latencies.push(end - start);
          sizes.add(size);
        }
      } catch (error) {
        fault(error instanceof Error ? error.message : String(error));
        await setTimeout(50);
      } finally {
        connection.close();
      }
    }
  };
  await Promise.all([...requests.map(loop), ...ticks]);
  return {
    answers: latencies.length,
    total,
    latencies: Float64Array.from(latencies).sort(),
    faults,
    sizes,
  };
}

interface Answer {
  readonly status: number;
  /** Bytes of the body; of a chunked one with the marks of its chunks. */
  readonly size: number;
}

interface Connection {
  ask(request: Buffer): Promise<Answer>;
  close(): void;
}

const endOfHead = Buffer.from('\r\n\r\n');
const endOfChunks = Buffer.from('0\r\n\r\n');

function openConnection(port: number): Connection {
  let waiting: { resolve: (answer: Answer) => void; reject: (error: Error) => void } | null = null;
  const read = createReader((answer) => {
    const asked = waiting;
    waiting = null;
    asked?.resolve(answer);
  });
  const socket: Socket = connect({
    port,
    host: '127.0.0.1',
    noDelay: true,
    onread: {
      buffer: Buffer.allocUnsafe(256 * 1024),
      callback(count, buffer) {
        read(Buffer.from(buffer.buffer, buffer.byteOffset, count));
        return true;
      },
    },
  });
  const fail = (error: Error) => {
    waiting?.reject(error);
    waiting = null;
  };
  socket.on('error', fail);
  socket.on('close', () => fail(new Error('connection closed')));

  return {
    ask(request) {
      return new Promise((resolve, reject) => {
        waiting = { resolve, reject };
        if (socket.destroyed) fail(new Error('connection closed'));
        else socket.write(request);
      });
    },
    close: () => socket.destroy(),
  };
}

/** Reads the bytes of a connection, and calls `onAnswer` at the end of each answer. */
function createReader(onAnswer: (answer: Answer) => void): (bytes: Buffer) => void {
  let head: Buffer | null = null;
  let status = 0;
  /** Bytes of the body that are still to come; null while its length is not known. */
  let left: number | null = null;
  let size = 0;

  return (bytes) => {
    let body = bytes;
    if (status === 0) {
      const all = head ? Buffer.concat([head, bytes]) : bytes;
      const end = all.indexOf(endOfHead);
      if (end < 0) {
        head = Buffer.from(all);
        return;
      }
      const text = all.toString('latin1', 0, end);
      status = Number(text.slice(9, 12));
      const length = /\r\ncontent-length: *(\d+)/i.exec(text)?.[1];
      left = length === undefined ? null : Number(length);
      head = null;
      body = all.subarray(end + endOfHead.length);
    }
    size += body.length;
    if (left === null) {
      if (body.length < endOfChunks.length || !body.subarray(-endOfChunks.length).equals(endOfChunks)) return;
    } else {
      left -= body.length;
      if (left > 0) return;
    }
    const answer = { status, size };
    status = 0;
    size = 0;
    onAnswer(answer);
  };
}
