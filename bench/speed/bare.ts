import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import { Pool } from 'undici';
import { type BenchQuery, queries } from './queries.ts';

/*
 * The limit: a process that makes the REST calls which a query needs, all at once and with the caller's token, and
 * passes their bytes on as they are, one after the other. `POST /{query}`; PORT and UPSTREAM are given in the environment.
 */

const { origin, pathname } = new URL(process.env.UPSTREAM ?? '');
const pool = new Pool(origin, { pipelining: 1, headersTimeout: 0, bodyTimeout: 0 });
const byPath = new Map<string, BenchQuery>(Object.entries(queries).map(([name, query]) => [`/${name}`, query]));

function get(path: string, token: string): Promise<Buffer[]> {
  return new Promise((resolve, reject) => {
    const chunks: Buffer[] = [];
    pool.dispatch(
      { method: 'GET', path, headers: { accept: 'application/json', 'x-auth-token': token } },
      {
        onRequestStart() {},
        onResponseStart(_, statusCode) {
          if (statusCode !== 200) throw new Error(`status ${statusCode}`);
        },
        onResponseData(_, chunk) {
          chunks.push(chunk);
        },
        onResponseEnd: () => resolve(chunks),
        onResponseError: (_, error) => reject(error),
      },
    );
  });
}

async function answer({ url = '', headers }: IncomingMessage, response: ServerResponse): Promise<void> {
  const token = String(headers['x-auth-token']);
  const base = pathname.replace(/\/$/, '');
  const calls = byPath.get(url)?.calls ?? [];
  try {
    const answers = await Promise.all(
      calls.map(({ region, path }) => get(`${base}/${region}/v2/${String(headers['x-tenant-id'])}${path}`, token)),
    );
    const chunks = answers.flat();
    const length = chunks.reduce((sum, chunk) => sum + chunk.length, 0);
    response.writeHead(200, { 'content-type': 'application/json', 'content-length': length });
    response.cork();
    for (const chunk of chunks) response.write(chunk);
    response.end();
    response.uncork();
  } catch {
    response.writeHead(502).end();
  }
}

createServer((request, response) => {
  request.resume().on('end', () => void answer(request, response));
}).listen(Number(process.env.PORT), '127.0.0.1');
