import type { ChildProcess } from 'node:child_process';
import type { GatewayState, GatewayUse } from './gateway.ts';
import { readMetrics, startPeer } from './process.ts';

/** A gateway that tells what it holds. */
export interface WatchedGateway {
  /** Such as `http://localhost:4000`. */
  readonly url: string;
  /** Collects all that can be, then looks. Stops the gateway for about a tenth of a second. */
  use(): Promise<GatewayUse>;
  /** The same and more. Stops the gateway for a second or two, so it is not for times of load. */
  state(): Promise<GatewayState>;
  /** Waits until no request is in and nothing is held that was not at the start, for so many seconds; then looks. */
  settle(start: GatewayState, seconds: number): Promise<GatewayState>;
  readonly child: ChildProcess;
}

export async function startWatchedGateway(
  endpoints: Readonly<Record<string, string>>,
  environment: Readonly<Record<string, string>> = {},
): Promise<WatchedGateway> {
  const peer = await startPeer<string>('gateway.ts', {
    flags: ['--expose-gc', '--disable-warning=ExperimentalWarning'],
    environment: {
      NODE_ENV: 'production',
      PORT: '0',
      HOST: '127.0.0.1',
      REGIONS: Object.entries(endpoints)
        .map(([code, endpoint]) => `${code}=${endpoint}`)
        .join(','),
      ...environment,
    },
  });
  const { child, ready } = peer;
  const state = () => peer.ask<GatewayState>('state');
  return {
    url: ready,
    child,
    use: () => peer.ask<GatewayUse>('use'),
    state,
    async settle(start, seconds) {
      const patience = performance.now() + seconds * 1000;
      while (true) {
        const { gateway_requests_in_flight: inFlight, gateway_requests_waiting: waiting } = await readMetrics(ready);
        const now = await state();
        const isSettled = inFlight === 0 && waiting === 0 && leftovers(start, now) === '';
        if (isSettled || performance.now() > patience) return now;
        await new Promise((resolve) => setTimeout(resolve, 250));
      }
    },
  };
}

/** From its first request on node keeps a timer for the `Date` header, and undici one for all its own. */
const clocks = 2;

/**
 * What is there and was not at the start: `2 TCPSocketWrap, 1 Timeout`; empty when there is nothing.
 * @param few so many objects of a kind may be alive that keep no process: what was cached keeps a handful of others.
 */
export function leftovers(start: GatewayState, now: GatewayState, few = 0): string {
  const more = (before: Readonly<Record<string, number>>, after: Readonly<Record<string, number>>, allowed: number) =>
    Object.entries(after)
      .map(([name, count]) => [name, count - (before[name] ?? 0) - (name === 'Timeout' ? clocks : 0)] as const)
      .filter(([, left]) => left > allowed)
      .map(([name, left]) => `${left} ${name}`);
  return [...more(start.resources, now.resources, 0), ...more(start.objects, now.objects, few)].join(', ');
}

/** Least squares: by how much the values grow from one step to the next, and how uncertain that is. */
export function trend(points: readonly (readonly [x: number, y: number])[]): { slope: number; error: number } {
  const mean = (values: readonly number[]) => values.reduce((sum, value) => sum + value, 0) / values.length;
  const middle = mean(points.map(([x]) => x));
  const level = mean(points.map(([, y]) => y));
  const spread = points.reduce((sum, [x]) => sum + (x - middle) ** 2, 0);
  const slope = points.reduce((sum, [x, y]) => sum + (x - middle) * (y - level), 0) / spread;
  const rest = points.reduce((sum, [x, y]) => sum + (y - level - slope * (x - middle)) ** 2, 0);
  return {
    slope,
    error: points.length > 2 ? Math.sqrt(rest / (points.length - 2) / spread) : Number.POSITIVE_INFINITY,
  };
}
