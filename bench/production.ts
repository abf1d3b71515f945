import type { ChildProcess } from 'node:child_process';
import { freePort, type StartOptions, spawnNode, stop } from './process.ts';

/** A gateway as in production; its log goes nowhere. */
export interface ProductionGateway extends AsyncDisposable {
  readonly child: ChildProcess;
  readonly url: string;
}

export interface ProductionOptions extends StartOptions {
  /** The `src/main.ts` of another checkout, in place of this one's. */
  readonly main?: string;
}

/** Starts a gateway over regions, which are endpoints by their codes, and waits until it is ready. */
export async function startProduction(
  regions: Readonly<Record<string, string>>,
  { main = '../src/main.ts', environment, ...options }: ProductionOptions = {},
): Promise<ProductionGateway> {
  const port = await freePort();
  const url = `http://127.0.0.1:${port}`;
  const endpoints = Object.entries(regions).map(([code, endpoint]) => `${code}=${endpoint}`);
  const all = { NODE_ENV: 'production', PORT: String(port), HOST: '127.0.0.1', REGIONS: endpoints.join(',') };
  // The flags of `npm start` and the container.
  const flags = ['--v8-pool-size=1', ...(options.flags ?? [])];
  const started = { ...options, flags, environment: { ...all, ...environment } };
  const child = spawnNode(main, started, ['ignore', 'ignore', 'inherit']);
  while (!(await isReady(url))) if (child.exitCode !== null) throw new Error('the gateway has ended');
  return { child, url, [Symbol.asyncDispose]: () => stop(child) };
}

const isReady = (url: string) =>
  fetch(`${url}/ready`).then(
    ({ ok }) => ok,
    () => false,
  );
