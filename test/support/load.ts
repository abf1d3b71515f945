import { Agent, type IncomingMessage, request } from 'node:http';
import { text } from 'node:stream/consumers';
import { headersOfAlice } from './post.ts';

/** One request of a load and what came of it. */
export interface Shot {
  /** On the clock of `performance.now()`. */
  readonly sentAt: number;
  /** Of the client's side of the connection; null where none was made. */
  readonly port: number | null;
  /** Null where no whole answer came. */
  readonly status: number | null;
  /** The answer says that its connection is not kept. */
  readonly closes: boolean;
  readonly body: string;
  /** Why no answer came, such as `ECONNREFUSED`. */
  readonly failure: string | null;
}

/** So many clients that send their next request as soon as the last one is answered. */
export interface Load extends AsyncDisposable {
  readonly shots: readonly Shot[];
  /** Requests under way. */
  readonly inFlight: number;
  /** Resolves when all clients have their last answer; by itself each ends when nobody listens any more. */
  readonly ended: Promise<void>;
  /** Has every client end with the answer it waits for. */
  stop(): void;
}

export interface LoadOptions {
  /** Clients that keep their connection as long as they may. */
  readonly kept: number;
  /** Clients that take a new connection for each request. */
  readonly fresh: number;
  readonly method?: 'GET' | 'POST';
  readonly query: string;
}

/** @param url of the GraphQL endpoint. */
export function startLoad(url: string, options: LoadOptions): Load {
  const shots: Shot[] = [];
  const agent = new Agent({ keepAlive: true });
  let isStopped = false;
  let inFlight = 0;

  async function client(agent: Agent | false): Promise<void> {
    while (!isStopped) {
      inFlight++;
      const shot = await shoot(url, options, agent);
      inFlight--;
      shots.push(shot);
      if (shot.failure === 'ECONNREFUSED') return;
    }
  }

  const clients = [
    ...Array.from({ length: options.kept }, () => client(agent)),
    ...Array.from({ length: options.fresh }, () => client(false)),
  ];
  const ended = Promise.all(clients).then(() => agent.destroy());
  const stop = () => {
    isStopped = true;
  };
  return {
    shots,
    get inFlight() {
      return inFlight;
    },
    ended,
    stop,
    async [Symbol.asyncDispose]() {
      stop();
      await ended;
    },
  };
}

async function shoot(url: string, { method = 'POST', query }: LoadOptions, agent: Agent | false): Promise<Shot> {
  const sentAt = performance.now();
  const target = method === 'GET' ? `${url}?query=${encodeURIComponent(query)}` : url;
  const outgoing = request(target, {
    method,
    agent,
    headers: headersOfAlice,
  });
  let port: number | null = null;
  outgoing.once('socket', (socket) => {
    const note = () => {
      port = socket.localPort ?? null;
    };
    if (socket.connecting) socket.once('connect', note);
    else note();
  });
  const answer = new Promise<IncomingMessage>((resolve, reject) => {
    outgoing.once('response', resolve);
    outgoing.once('error', reject);
  });
  outgoing.end(method === 'GET' ? undefined : JSON.stringify({ query }));
  try {
    const incoming = await answer;
    const closes = incoming.headers.connection === 'close';
    const body = await text(incoming);
    return { sentAt, port, status: incoming.statusCode ?? null, closes, body, failure: null };
  } catch (error) {
    const failure = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    return { sentAt, port, status: null, closes: false, body: '', failure };
  }
}
