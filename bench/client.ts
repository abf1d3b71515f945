import { Agent, request } from 'node:http';

/** An answer and when it was waited for, on the clock of `performance.now()`. */
export interface Answer {
  /** 0 when there was none; then `text` says why. */
  readonly status: number;
  readonly type: string;
  readonly text: string;
  /** Null for what is no JSON object. */
  readonly body: Body | null;
  readonly sentAt: number;
  readonly endedAt: number;
}

export interface Body {
  // biome-ignore lint/suspicious/noExplicitAny: each load knows what it has asked for, and checks it
  readonly data?: any;
  readonly errors?: readonly CodedError[];
}

export interface CodedError {
  readonly message: string;
  readonly path?: readonly (string | number)[];
  readonly extensions?: Readonly<Record<string, unknown>>;
}

/** Whoever asks. */
export interface Identity {
  readonly token: string;
  readonly tenant: string;
}

/** Sends requests over connections that are kept. */
export interface Client {
  /** Never rejects. */
  send(body: string, identity: Identity): Promise<Answer>;
  close(): void;
}

/** Far more than the gateway may take for a request, in milliseconds. */
const patienceMs = 15_000;

export function createClient(url: string): Client {
  const agent = new Agent({ keepAlive: true });

  async function exchange(body: string, { token, tenant }: Identity) {
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; type: string; text: string }>();
    const headers = {
      'content-type': 'application/json',
      'content-length': Buffer.byteLength(body),
      'x-auth-token': token,
      'x-tenant-id': tenant,
    };
    const options = { agent, method: 'POST', headers, signal: AbortSignal.timeout(patienceMs) };
    request(`${url}/graphql`, options, (response) => {
      response
        .setEncoding('utf8')
        .toArray()
        .then((parts) => {
          const { statusCode: status = 0, headers } = response;
          resolve({ status, type: headers['content-type'] ?? '', text: parts.join('') });
        }, reject);
    })
      .once('error', reject)
      .end(body);
    return promise;
  }

  return {
    async send(body, identity) {
      const sentAt = performance.now();
      const { status, type, text } = await exchange(body, identity).catch((error) => ({
        status: 0,
        type: '',
        text: String(error),
      }));
      return { status, type, text, body: parse(text), sentAt, endedAt: performance.now() };
    },
    close: () => agent.destroy(),
  };
}

function parse(text: string): Body | null {
  try {
    const body: unknown = JSON.parse(text);
    return typeof body === 'object' ? body : null;
  } catch {
    return null;
  }
}
