import { subscribe, unsubscribe } from 'node:diagnostics_channel';
import { readFileSync } from 'node:fs';
import { expect, vi } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import type { ProxyFault } from './network-fault.ts';
import { type FaultyProxy, startProxy } from './proxy.ts';
import { alice, bob, type GatewayUnderTest, startGateway } from './stack.ts';

/** Three regions with three volumes each, of which kr1 is behind a proxy, and a gateway of their own over them. */
export interface FaultyRegion extends AsyncDisposable {
  readonly gateway: GatewayUnderTest;
  readonly simulator: Simulator;
  readonly proxy: FaultyProxy;
  /** Attempts to connect to kr1 so far. */
  connects(): number;
  /** The method of every request that has reached kr1. */
  arrived(): string[];
  /** The names of alice's volumes in kr1 as they are, in the order of their making. */
  names(): (string | null)[];
}

/** How kr1 is reached, and what is in its way. */
export interface Way {
  readonly fault: ProxyFault;
  /** If not over http. */
  readonly link?: 'https to a port without TLS' | 'https with a certificate of nobody' | 'a name that nobody has';
  /** Nothing but the deadline ends a call: then it is short, else longer than any call needs. */
  readonly isSilent?: true;
}

const certificate = {
  cert: readFileSync(new URL('../fixtures/self-signed.pem', import.meta.url), 'utf8'),
  key: readFileSync(new URL('../fixtures/self-signed-key.pem', import.meta.url), 'utf8'),
};

/** At its end it waits until no more timers run and sockets are open than at its beginning. */
export async function startFaultyRegion(way: Way = { fault: 'pass' }): Promise<FaultyRegion> {
  const before = await waitForQuiet();
  const simulator = await startSimulator({
    regions: [{ code: 'kr1' }, { code: 'kr2' }, { code: 'jp1' }],
    tokens: { [alice.token]: alice.tenant, [bob.token]: bob.tenant },
  });
  for (const [place, name] of Object.keys(simulator.endpoints).flatMap(namesOf).entries()) {
    const created_at = `2024-01-01T00:00:0${place}.000000`;
    simulator.store(name.slice(0, 3)).addVolume(alice.tenant, { name, created_at });
  }
  const proxy = await startProxy({
    region: simulator.endpoints.kr1 ?? '',
    ...(way.link === 'https with a certificate of nobody' ? { certificate } : {}),
  });
  const endpoint = endpointOf(proxy, way);
  const deadlines = deadlinesOf(way);
  const gateway = await startGateway(
    { ...simulator.endpoints, kr1: endpoint },
    {
      UPSTREAM_TIMEOUT_MS: String(deadlines.call),
      REQUEST_TIMEOUT_MS: String(deadlines.request),
      POLL_INTERVAL_MS: '50',
      ALLOW_HTTP: 'true',
    },
  );
  const counting = countConnects(endpoint);
  await proxy.use(way.fault);
  return {
    gateway,
    simulator,
    proxy,
    connects: () => counting.count,
    arrived: () => simulator.requests.filter(({ region }) => region === 'kr1').map(({ method }) => method),
    names: () =>
      simulator
        .store('kr1')
        .volumes(alice.tenant)
        .map(({ name }) => name),
    async [Symbol.asyncDispose]() {
      counting.stop();
      await gateway[Symbol.asyncDispose]();
      // The gateway's own connections end with it, whatever the region does.
      await vi.waitFor(() => expect(proxy.counts.open).toBe(0), 5000);
      await proxy[Symbol.asyncDispose]();
      await simulator[Symbol.asyncDispose]();
      await waitForQuiet(before);
    },
  };
}

/** The volumes that a region has at first. */
export const namesOf = (code: string) => ['a', 'b', 'c'].map((letter) => `${code}-${letter}`);

/** Longest time of one call and of a whole request, in milliseconds. */
export function deadlinesOf({ isSilent }: Way): { call: number; request: number } {
  return isSilent ? { call: 600, request: 1000 } : { call: 5000, request: 8000 };
}

function endpointOf({ endpoint }: FaultyProxy, { link }: Way): string {
  if (link === 'a name that nobody has') return 'http://region.invalid';
  return link ? endpoint.replace(/^http:/, 'https:') : endpoint;
}

/** Counts also those connections that never come about, of which only undici knows. */
function countConnects(endpoint: string) {
  const { host } = new URL(endpoint);
  const counting = { count: 0, stop: () => void unsubscribe('undici:client:beforeConnect', onConnect) };
  function onConnect(message: unknown): void {
    // What undici documents of this channel.
    if ((message as { connectParams: { host: string } }).connectParams.host === host) counting.count++;
  }
  subscribe('undici:client:beforeConnect', onConnect);
  return counting;
}

/** What keeps this process alive. */
interface Alive {
  readonly timers: number;
  readonly sockets: number;
}

/** Waits until no more timers run and sockets are open than there were; without a `before` only tells. */
export async function waitForQuiet(before: Partial<Alive> = {}): Promise<Alive> {
  let looks = 0;
  return vi.waitFor(
    () => {
      // From its second look on two timers of waitFor's own run: then each time is like the other.
      expect(looks++).toBeGreaterThan(0);
      const names = process.getActiveResourcesInfo();
      const timers = names.filter((name) => name === 'Timeout').length;
      const sockets = names.filter((name) => name.startsWith('TCP')).length;
      expect(timers).toBeLessThanOrEqual(before.timers ?? timers);
      expect(sockets).toBeLessThanOrEqual(before.sockets ?? sockets);
      return { timers, sockets };
    },
    { timeout: 5000, interval: 5 },
  );
}
