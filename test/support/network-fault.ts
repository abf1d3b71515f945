import type { Socket } from 'node:net';

/** `refuse`: nothing listens at the port. */
export type ProxyFault = keyof typeof connectionFaults | keyof typeof answerFaults | 'refuse';

/** What happens to a connection of which nothing gets as far as the region. */
export const connectionFaults = {
  /** With the first that comes. */
  hangUp: (client) => void client.once('data', () => client.resetAndDestroy()),
  /** Speaks first, and no TLS. */
  greet: (client) => void client.resume().end('220 ready\r\n'),
} as const satisfies Record<string, (client: Socket) => void>;

/** What becomes of an answer. The region has got the request, and done what it says, with each of them. */
export const answerFaults = {
  /** None. */
  pass: (client, answer) => void client.write(whole(answer)),
  /** Nothing comes, and nothing ends. */
  stall: () => {},
  resetBeforeHeaders: (client) => void client.resetAndDestroy(),
  resetAfterHeaders: (client, answer) => void client.write(chunkedHead(answer), () => client.resetAndDestroy()),
  /** Says that nothing more comes, and goes on listening. */
  halfClose: (client) => void client.end(),
  cut: (client, answer) => void client.end(half(chunkedHead(answer), answer)),
  /** Where the end of the connection could be taken for the end of the answer. */
  cutOfClosing: (client, answer) => void client.end(half(chunkedHead(answer, 'Connection: close\r\n'), answer)),
  /** Blanks, one after the other, and nothing else. */
  dribble: (client, answer) => {
    client.write(chunkedHead(answer));
    every(20, client, () => {
      client.write('1\r\n \r\n');
      return true;
    });
  },
  throttle: (client, answer) => {
    const bytes = whole(answer);
    const size = Math.ceil(bytes.length / 8);
    let sent = 0;
    every(10, client, () => {
      client.write(bytes.subarray(sent, sent + size));
      sent += size;
      return sent < bytes.length;
    });
  },
  delay: (client, answer) => after(100, client, () => client.write(whole(answer))),
  corruptChunk: (client, answer) => void client.write(`${chunkedHead(answer)}xyz\r\n`),
  corruptStatus: (client, answer) => void client.write(whole({ ...answer, head: `HTP/one.one ${answer.head}` })),
  /** Two lengths, of which only one can be true. */
  corruptLength: (client, answer) =>
    void client.write(whole({ ...answer, head: `${answer.head}Content-Length: ${answer.body.length + 1}\r\n` })),
  /** The length says that there is no body, and there is one. */
  lengthZero: (client, answer) => {
    const head = answer.head.replace(/^content-length: \d+/im, 'Content-Length: 0');
    client.write(whole({ head, body: answer.body.length > 0 ? answer.body : Buffer.from('{}') }));
  },
  extraAnswer: (client, answer) => void client.write(Buffer.concat([whole(answer), whole(answer)])),
  /** While the connection is idle. */
  extraAnswerLater: (client, answer) => {
    client.write(whole(answer));
    after(10, client, () => client.write(whole(answer)));
  },
  /** Every other connection is hung up, the first among them; the others end behind one answer. */
  flap: (client, answer) => void client.end(whole(answer)),
} as const satisfies Record<string, (client: Socket, answer: Message) => void>;

/** One HTTP message; the head without the empty line behind it. */
export interface Message {
  readonly head: string;
  readonly body: Buffer;
}

/** Of a whole connection. */
export function isConnectionFault(fault: ProxyFault): fault is keyof typeof connectionFaults {
  return fault in connectionFaults;
}

/** Of one answer. */
export function isAnswerFault(fault: ProxyFault): fault is keyof typeof answerFaults {
  return fault in answerFaults;
}

/** A message as it is sent. */
export function whole({ head, body }: Message): Buffer {
  return Buffer.concat([Buffer.from(`${head}\r\n`, 'latin1'), body]);
}

/** The head of the same answer in chunks, so that also an empty body has an end that can be missing. */
function chunkedHead({ head }: Message, more = ''): string {
  return `${head.replace(/^content-length: .*\r\n/im, '')}${more}Transfer-Encoding: chunked\r\n\r\n`;
}

/** A head and half of its chunks. */
function half(head: string, { body }: Message): string {
  const text = body.toString();
  const chunks = `${text === '' ? '' : `${body.length.toString(16)}\r\n${text}\r\n`}0\r\n\r\n`;
  return head + chunks.slice(0, chunks.length >> 1);
}

/** Does something again and again until it says that it is done with false, or the other side has left. */
function every(milliseconds: number, client: Socket, run: () => boolean): void {
  const timer = setInterval(() => {
    if (!run()) clearInterval(timer);
  }, milliseconds);
  client.once('close', () => clearInterval(timer));
}

/** Does something later, unless the other side has left by then. */
function after(milliseconds: number, client: Socket, run: () => void): void {
  const timer = setTimeout(run, milliseconds);
  client.once('close', () => clearTimeout(timer));
}
