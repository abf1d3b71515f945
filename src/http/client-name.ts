import type { IncomingHttpHeaders } from 'node:http';
import type { Metrics } from '../telemetry/metrics.ts';
import { unknownOwner } from './admission/principal.ts';

/** The program that sent a request, as it names itself. */
export interface ClientName {
  readonly name: string;
  readonly version?: string;
}

/** Enough for names of packages and for versions. A longer value, or one with other characters, is dropped. */
const allowed = /^[A-Za-z0-9._ /@+-]{1,64}$/;

/** Reads the headers of Apollo Client, otherwise those of GraphQL Hive; undefined without a valid name. */
export function clientNameOf(headers: IncomingHttpHeaders): ClientName | undefined {
  const name = firstAllowed(headers['apollographql-client-name'], headers['graphql-client-name']);
  if (name === undefined) return undefined;
  const version = firstAllowed(headers['apollographql-client-version'], headers['graphql-client-version']);
  return version === undefined ? { name } : { name, version };
}

function firstAllowed(...values: readonly (string | string[] | undefined)[]): string | undefined {
  return values.find((value): value is string => typeof value === 'string' && allowed.test(value));
}

/** Counts requests by client. */
export interface Clients {
  /** @param owner of the request's work. Only requests of callers that a region has accepted are counted. */
  count(client: ClientName | undefined, owner: string): void;
}

/** The most pairs of name and version that have series of their own at the same time: of all callers, and of one. */
const mostPairs = { ofAll: 100, ofOne: 10 };

/** A pair without a request for so long makes room for another, in milliseconds. */
const idleMs = 3_600_000;

const unnamed = { client: 'unknown', version: '' };
const other = { client: 'other', version: '' };

/**
 * Any caller may make up any number of names. So a caller without an accepted token is not counted, one caller brings in a
 * tenth of the pairs in an hour at most, and what has no room counts as `other`. A pair that is used keeps its room, and the
 * room of one that is not is free after an hour: at most a hundred series are new in an hour, and made-up names do not stay.
 */
export function createClients(counter: Pick<Metrics['clients'], 'inc' | 'remove'>): Clients {
  /** The least recently used pair comes first. */
  const pairs = new Map<string, Pair>();
  for (const labels of [unnamed, other]) counter.inc(labels, 0);

  function hasRoom(owner: string, now: number): boolean {
    let own = 0;
    for (const pair of pairs.values()) if (pair.owner === owner && now - pair.usedAt < idleMs) own++;
    if (own >= mostPairs.ofOne) return false;
    const [oldest] = pairs;
    if (pairs.size < mostPairs.ofAll || !oldest) return true;
    const [key, { labels, usedAt }] = oldest;
    if (now - usedAt < idleMs) return false;
    pairs.delete(key);
    counter.remove(labels);
    return true;
  }

  function labelsOf({ name, version = '' }: ClientName, owner: string): Labels {
    if (name === unnamed.client || name === other.client) return other;
    const now = performance.now();
    // No name has a line break.
    const key = `${name}\n${version}`;
    const known = pairs.get(key);
    if (!known && !hasRoom(owner, now)) return other;
    const labels = known?.labels ?? { client: name, version };
    pairs.delete(key);
    pairs.set(key, { labels, owner: known?.owner ?? owner, usedAt: now });
    return labels;
  }

  return {
    count(client, owner) {
      if (owner !== unknownOwner) counter.inc(client ? labelsOf(client, owner) : unnamed);
    },
  };
}

type Labels = { readonly client: string; readonly version: string };

interface Pair {
  readonly labels: Labels;
  /** Who brought it in. */
  readonly owner: string;
  /** On the clock of `performance.now()`. */
  readonly usedAt: number;
}
