import { once } from 'node:events';
import type { Server } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createFaultList, type Fault } from './fault.ts';
import { createGate } from './gate.ts';
import { createListener } from './listener.ts';
import { DEFAULT_QUOTA, type Quota, type Region } from './region.ts';
import { createRequestLog, type LoggedRequest } from './request-log.ts';
import { seedStore, seedTypes } from './seed/seed.ts';
import { createStore, type Store } from './store.ts';

export type { Fault, LoggedRequest, Quota, Store };

export interface SimulatedRegion {
  code: string;
  /** Any free one when left out. */
  port?: number;
  /** `osapi_max_limit`, the longest page; default 1000. */
  maxLimit?: number;
  /** The listener resets every connection. */
  down?: boolean;
  /** Members see a type's `extra_specs`; default true. */
  extraSpecs?: boolean;
  /** As stock Cinder 17 v2: uploads with `visibility` or `protected` are refused; default false. */
  stock?: boolean;
  /** As over MariaDB: times lose their microseconds, names compare without case, emoji are refused; default false. */
  mariadb?: boolean;
}

export interface SimulatorOptions {
  regions: readonly SimulatedRegion[];
  /** Token to tenant id. */
  tokens: Readonly<Record<string, string>>;
  /** Milliseconds a status change takes; default 0, which is at the next read, never in the 202 itself. */
  changeAfterMs?: number;
  /** Demo rows for every tenant, the same each time; default false, which is empty but for the types. */
  seed?: boolean;
  /** Default 127.0.0.1. */
  host?: string;
  /** Per tenant and region; default 1000 volumes, 1000 snapshots, 100000 GB. */
  quotas?: Readonly<Record<string, Quota>>;
}

export interface Simulator extends AsyncDisposable {
  /** Region code to base endpoint, such as `http://127.0.0.1:40123`. */
  readonly endpoints: Readonly<Record<string, string>>;
  /** Every request in order of arrival. */
  readonly requests: readonly LoggedRequest[];
  clearRequests(): void;
  /** Resolves when n requests wait or were answered since clearRequests(); rejects after 5 s and lists what came. */
  waitForRequests(n: number): Promise<void>;
  /** Answers nothing until the returned function is called. */
  hold(): () => void;
  /** Injects a fault, of which the first that matches wins; the returned function removes it. */
  inject(fault: Fault): () => void;
  /** The rows of a region, to add to and to look at. */
  store(region: string): Store;
}

/** Starts one HTTP server per region, all in this process, and resolves when all of them listen. */
export async function startSimulator(options: SimulatorOptions): Promise<Simulator> {
  const host = options.host ?? '127.0.0.1';
  const tenants = [...new Set(Object.values(options.tokens))];
  const surroundings = {
    tokens: options.tokens,
    log: createRequestLog(),
    faults: createFaultList(),
    gate: createGate(),
  };
  const stores = new Map<string, Store>();
  const servers: Server[] = [];
  const endpoints: Record<string, string> = {};
  const stop = async (): Promise<void> => {
    surroundings.gate.open();
    await Promise.all(servers.map(close));
  };

  for (const asked of options.regions) {
    const region = createRegion(asked, options);
    seedTypes(region.store, asked.code);
    if (options.seed) seedStore(region.store, asked.code, tenants);
    stores.set(asked.code, region.store);
    const server = createListener(region, asked.down ?? false, surroundings);
    servers.push(server);
    try {
      server.listen(asked.port ?? 0, host);
      await once(server, 'listening');
    } catch (cause) {
      await stop();
      throw new Error(`Region ${asked.code} cannot listen on ${host}:${asked.port ?? 0}`, { cause });
    }
    endpoints[asked.code] = `http://${host}:${portOf(server)}`;
  }

  return {
    endpoints,
    requests: surroundings.log.requests,
    clearRequests: surroundings.log.clear,
    waitForRequests: surroundings.log.waitFor,
    hold: surroundings.gate.hold,
    inject: surroundings.faults.add,
    store(code) {
      const store = stores.get(code);
      if (!store) throw new Error(`No region ${code}; there are ${[...stores.keys()].join(', ')}`);
      return store;
    },
    [Symbol.asyncDispose]: stop,
  };
}

function createRegion(asked: SimulatedRegion, options: SimulatorOptions): Region {
  const place = asked.code.replace(/1$/, '');
  return {
    code: asked.code,
    store: createStore({ zones: [`${place}-pub-a`, `${place}-pub-b`], mariadb: asked.mariadb ?? false }),
    maxLimit: asked.maxLimit ?? 1000,
    extraSpecs: asked.extraSpecs ?? true,
    stock: asked.stock ?? false,
    changeAfterMs: options.changeAfterMs ?? 0,
    quota: (tenant) => options.quotas?.[tenant] ?? DEFAULT_QUOTA,
  };
}

function portOf(server: Server): number {
  // A listening TCP server has an address with a port; a text is for pipes, null for servers not listening.
  return (server.address() as AddressInfo).port;
}

async function close(server: Server): Promise<void> {
  if (!server.listening) return;
  const closed = once(server, 'close');
  server.close();
  server.closeAllConnections();
  await closed;
}
