import assert from 'node:assert/strict';
import { connect } from 'node:net';

/** An answer as it came over the wire. */
export interface RawAnswer {
  readonly status: number;
  readonly headers: Headers;
  readonly body: string;
}

/** How long a connection may stay open that the gateway is to close, in milliseconds. */
const patienceMs = 10_000;

/**
 * Sends bytes exactly as they stand, text as Latin-1, and reads until the gateway closes the connection.
 * @param options.halfClose says behind the bytes that no more will come.
 * @throws when the connection stays open, or when what came is no row of HTTP answers, each framed in one way.
 */
export function talk(url: string, bytes: string | Buffer, options: { halfClose?: boolean } = {}): Promise<RawAnswer[]> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    const socket = connect(Number(new URL(url).port), '127.0.0.1');
    socket.setTimeout(patienceMs, () => socket.destroy(new Error('The gateway kept the connection open.')));
    socket.on('data', (chunk) => chunks.push(chunk));
    let failure: Error | undefined;
    socket.on('error', (error) => {
      failure = error;
    });
    socket.on('close', () => {
      const text = Buffer.concat(chunks).toString('latin1');
      // A connection that is reset because not all of a request was read has been answered all the same.
      const isReset = failure && 'code' in failure && (failure.code === 'ECONNRESET' || failure.code === 'EPIPE');
      if (failure && !(isReset && text !== '')) reject(failure);
      else
        try {
          resolve(parseAnswers(text));
        } catch (error) {
          reject(error);
        }
    });
    socket.write(typeof bytes === 'string' ? Buffer.from(bytes, 'latin1') : bytes);
    if (options.halfClose) socket.end();
  });
}

function parseAnswers(text: string): RawAnswer[] {
  const answers: RawAnswer[] = [];
  let rest = text;
  while (rest !== '') {
    const [head = '', status = '', lines = ''] =
      /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n((?:[^\r\n]+\r\n)*)\r\n/.exec(rest) ?? [];
    assert.notEqual(head, '', `no HTTP answer: ${rest.slice(0, 200)}`);
    const headers = new Headers();
    for (const line of lines.split('\r\n').slice(0, -1)) {
      const colon = line.indexOf(':');
      headers.append(line.slice(0, colon), line.slice(colon + 1).trim());
    }
    rest = rest.slice(head.length);
    const framed = takeBody(Number(status), headers, rest);
    rest = rest.slice(framed.length);
    answers.push({ status: Number(status), headers, body: Buffer.from(framed.body, 'latin1').toString() });
  }
  return answers;
}

function takeBody(status: number, headers: Headers, rest: string): { body: string; length: number } {
  const coding = headers.get('transfer-encoding');
  const length = headers.get('content-length');
  assert.ok(coding === null || length === null, 'an answer has both Transfer-Encoding and Content-Length');
  if (status < 200 || status === 204) return { body: '', length: 0 };
  if (length !== null) return { body: rest.slice(0, Number(length)), length: Number(length) };
  if (coding === null) return { body: rest, length: rest.length };
  assert.equal(coding, 'chunked');
  let body = '';
  let at = 0;
  while (true) {
    const [line = '', size = ''] = /^([0-9a-f]+)\r\n/.exec(rest.slice(at)) ?? [];
    assert.notEqual(line, '', 'a chunk has no size');
    const bytes = Number.parseInt(size, 16);
    body += rest.slice(at + line.length, at + line.length + bytes);
    at += line.length + bytes + 2;
    if (bytes === 0) return { body, length: at };
  }
}
