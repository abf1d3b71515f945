import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

/** A region behind replicas that lag: an answer may be the one of some time ago. */
export interface LaggingRegion extends AsyncDisposable {
  readonly endpoint: string;
  /** From now on `chance` of the answers, from 0 to 1, to calls with these paths are those of up to `lagMs` ago. */
  lag(paths: RegExp, chance: number, lagMs: number): void;
}

interface Answer {
  readonly at: number;
  readonly status: number;
  readonly type: string;
  readonly body: string;
}

/** @param endpoint the region, which is asked each time. @param random from 0 to 1. */
export async function startLaggingRegion(endpoint: string, random: () => number): Promise<LaggingRegion> {
  const answers = new Map<string, Answer[]>();
  let lag = { paths: /^/, chance: 0, ms: 0 };

  async function answerOf(path: string, headers: Record<string, string>): Promise<Answer> {
    const response = await fetch(new URL(endpoint).origin + path, { headers });
    const body = await response.text();
    const type = response.headers.get('content-type') ?? 'application/json';
    const now = performance.now();
    const answer = { at: now, status: response.status, type, body };
    const key = `${path} ${headers['x-auth-token']}`;
    const known = [...(answers.get(key) ?? []), answer].filter(({ at }) => now - at <= lag.ms);
    answers.set(key, known);
    const older = known[Math.floor(random() * known.length)];
    return older && lag.paths.test(path) && random() < lag.chance ? older : answer;
  }

  const server = createServer((request, response) => {
    const token = request.headers['x-auth-token'];
    answerOf(request.url ?? '/', typeof token === 'string' ? { 'x-auth-token': token } : {}).then(
      ({ status, type, body }) => response.writeHead(status, { 'content-type': type }).end(body),
      () => response.destroy(),
    );
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  // A server that listens on a port has such an address.
  const { port } = server.address() as AddressInfo;
  return {
    endpoint: `http://127.0.0.1:${port}${new URL(endpoint).pathname.replace(/\/$/, '')}`,
    lag(paths, chance, ms) {
      lag = { paths, chance, ms };
    },
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      await new Promise((resolve) => server.close(resolve));
    },
  };
}
