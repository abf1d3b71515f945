import { createServer, type Socket } from 'node:net';
import { answerParent } from '../process.ts';
import { silentVolume } from './load.ts';

/*
 * An upstream that costs next to nothing: it knows one call, GET /volumes/{id}, and answers it with a canned volume of
 * that id, after as many milliseconds as it is told. A process of its own, which tells its endpoint.
 */

/** What it did since it was last told how long to take. */
export interface UpstreamWork {
  readonly answered: number;
  /** From a call's arrival to its answer, on average, in milliseconds. */
  readonly milliseconds: number;
}

let delayMs = 0;
let answered = 0;
let milliseconds = 0;

function bodyOf(id: string, tenant: string): string {
  return JSON.stringify({
    volume: {
      id,
      name: `volume-${id}`,
      status: 'available',
      size: 10,
      'os-vol-tenant-attr:tenant_id': tenant,
      attachments: [],
      links: [],
      availability_zone: 'kr-pub-a',
      encrypted: false,
      volume_type: 'General HDD',
      snapshot_id: null,
      user_id: '5e6524d826084188ae549815b3e33380',
      metadata: {},
      description: null,
      multiattach: false,
      source_volid: null,
      bootable: 'false',
      created_at: '2026-01-01T00:00:00.000000',
      replication_status: 'disabled',
    },
  });
}

function answer(socket: Socket, tenant: string, id: string): void {
  const start = performance.now();
  const send = () => {
    answered++;
    milliseconds += performance.now() - start;
    const body = bodyOf(id, tenant);
    const head = `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n`;
    if (socket.writable) socket.write(head + body, 'latin1');
  };
  if (id === silentVolume) return;
  if (delayMs === 0) send();
  else setTimeout(send, delayMs);
}

const server = createServer((socket) => {
  let text = '';
  socket.setNoDelay();
  socket.setEncoding('latin1');
  socket.on('error', () => {});
  socket.on('data', (chunk) => {
    text += chunk;
    while (true) {
      const end = text.indexOf('\r\n\r\n');
      if (end < 0) return;
      const [, tenant, id] = /^GET \/v2\/([\w-]+)\/volumes\/([\w-]+) /.exec(text) ?? [];
      text = text.slice(end + 4);
      if (tenant && id) answer(socket, tenant, id);
      else socket.destroy();
    }
  });
});

server.listen(0, '127.0.0.1', () => {
  const address = server.address();
  answerParent(`http://127.0.0.1:${typeof address === 'object' && address?.port}`, {
    take: (question: { milliseconds: number }) => {
      delayMs = question.milliseconds;
      answered = 0;
      milliseconds = 0;
    },
    work: (): UpstreamWork => ({ answered, milliseconds: milliseconds / answered }),
  });
});
