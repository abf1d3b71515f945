import { type Client, createClient } from './block-storage/client.ts';
import { createLoaders, type Loaders } from './loaders/index.ts';
import type { Region, RegionTable } from './regions.ts';
import type { Caller, Exchange, Send } from './upstream/send.ts';

export type { Loaders } from './loaders/index.ts';

/** What was asked for and what came of it: for the log and the metrics, noted while it is answered. */
export interface OperationReport {
  name: string | null;
  /** SHA-256 of the document's text, in hexadecimal. */
  hash: string | null;
  /** The most it can come to, as counted before it was executed. */
  cost: { readonly calls: number; readonly objects: number } | null;
  /** Each code of the answer's errors once. */
  errorCodes: readonly string[];
}

/** What resolvers work with: one per request, or per poll. */
export interface Context {
  readonly regions: RegionTable;
  readonly caller: Caller;
  /** The REST calls so far, where the caller asked to see them. */
  readonly trace: readonly Exchange[] | null;
  readonly report: OperationReport;
  /** False while calls are kept from a region because too many failed. */
  readonly isAvailable: (region: Region) => boolean;
  client(region: Region): Client;
  /** Reads go through the loaders. */
  loaders(region: Region): Loaders;
  /** Writes go through here: whatever comes of it, what was read before may no longer be true. */
  write<Result>(region: Region, run: (client: Client) => Promise<Result>): Promise<Result>;
}

export function createContext(options: {
  readonly regions: RegionTable;
  readonly send: Send;
  readonly caller: Caller;
  readonly trace: readonly Exchange[] | null;
  readonly isAvailable: (region: Region) => boolean;
  /** Told when part of an upstream's answer had to be left out. */
  readonly warn: (message: string, region: string) => void;
}): Context {
  const { regions, send, caller, trace, isAvailable, warn } = options;
  const clients = new Map<string, Client>();
  const loaders = new Map<string, Loaders>();

  function client(region: Region): Client {
    const known = clients.get(region.code);
    if (known) return known;
    const created = createClient(send, caller, region, (message) => warn(message, region.code));
    clients.set(region.code, created);
    return created;
  }

  return {
    regions,
    caller,
    trace,
    report: { name: null, hash: null, cost: null, errorCodes: [] },
    isAvailable(region) {
      caller.noteUnrepeatable();
      return isAvailable(region);
    },
    client,
    loaders(region) {
      const known = loaders.get(region.code);
      if (known) return known;
      const created = createLoaders(client(region));
      loaders.set(region.code, created);
      return created;
    },
    async write(region, run) {
      try {
        return await run(client(region));
      } finally {
        loaders.delete(region.code);
      }
    },
  };
}
