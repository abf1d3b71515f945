import { createStrangers, tokenOf } from './callers.ts';
import type { LoadName } from './kinds.ts';
import type { Sent } from './load.ts';
import { getRequest, postRequest } from './messages.ts';
import { type BenchQuery, type QueryName, queries } from './queries.ts';
import type { RunningServer } from './running.ts';
import { bodyOf, headersOf, type ServerKind } from './servers.ts';

/* The requests of a load, as they go over the wire. */

/** Where a server answers a query. */
export const pathOf = ({ path }: ServerKind, query: QueryName) => path?.(query) ?? '/graphql';

/** The request of a caller to a server: always the same, or if the load is `cold` always another stranger's. */
export function requestOf({ kind }: RunningServer, name: QueryName, load: LoadName, caller: number): Sent {
  const query: BenchQuery = queries[name];
  const headers = headersOf(kind, tokenOf(caller), query.tenant);
  return toSent(postRequest(pathOf(kind, name), headers, bodyOf(query)), load);
}

/** The REST calls of a query. */
export function callsOf(name: QueryName, load: LoadName, caller: number): Sent[] {
  const { calls, tenant }: BenchQuery = queries[name];
  return calls.map(({ region, path }) =>
    toSent(getRequest(`/${region}/v2/${tenant}${path}`, { 'x-auth-token': tokenOf(caller) }), load),
  );
}

function toSent(bytes: Buffer, load: LoadName): Sent {
  return load === 'cold' ? { bytes, renew: createStrangers(bytes) } : { bytes };
}
