import { expect } from 'vitest';
import {
  type Direction,
  gateway,
  known,
  type Noun,
  type Own,
  own,
  peer,
  type Row,
  readAll,
  VOLUME_KEYS,
  type VolumeField,
} from './merge-rows.ts';
import type { PeerRegion } from './peer.ts';

/* Walks over the merged list, and what they and the summary have to give. */

export interface Node {
  readonly uuid: string;
}

// biome-ignore lint/suspicious/noExplicitAny: a test says by its assertions what it expects of an answer
export function ask(query: string, variables: Record<string, unknown> = {}): Promise<any> {
  const headers = { 'x-auth-token': peer.bob.token, 'x-tenant-id': peer.bob.tenant };
  return gateway.data(query, { headers, variables });
}

interface Asked {
  readonly first: number;
  readonly orderBy?: readonly object[];
  readonly filter?: object;
  readonly selection?: string;
}

/** Walks the list of all three regions to its end. `between` may change the world between two pages. */
export async function walk(
  noun: Noun,
  { selection = 'uuid status', ...variables }: Asked,
  between: (page: readonly string[]) => Promise<void> = async () => {},
): Promise<string[]> {
  const type = noun === 'volumes' ? 'Volume' : 'Snapshot';
  const query = `query($first: Int, $after: String, $orderBy: [${type}Order!], $filter: ${type}Filter) {
    list: ${noun}(regions: [JP1, KR1, KR2], first: $first, after: $after, orderBy: $orderBy, filter: $filter) {
      nodes { ${selection} } pageInfo { hasNextPage endCursor } failures { code message }
    }
  }`;
  const seen: string[] = [];
  for (let after: string | null = null, hasNextPage = true; hasNextPage; ) {
    const { list } = await ask(query, { ...variables, after });
    expect(list.failures).toEqual([]);
    expect(list.nodes.length).toBeLessThanOrEqual(variables.first);
    const page = list.nodes.map(({ uuid }: Node) => uuid);
    seen.push(...page);
    ({ endCursor: after, hasNextPage } = list.pageInfo);
    if (hasNextPage) await between(page);
  }
  return seen;
}

/** Every own row once, those of each region in the region's own order, and those of different regions as they compare. */
export function expectMerged(
  noun: Noun,
  walked: readonly string[],
  orders: readonly (readonly string[])[],
  field: VolumeField,
  direction: Direction,
): void {
  const met = walked.filter((id) => own[noun].has(id));
  expect(met.toSorted()).toEqual([...own[noun].keys()].toSorted());
  const inRegion = (region: PeerRegion) => met.filter((id) => known(noun, id).region === region);
  expect(peer.regions.map(inRegion)).toEqual(orders);
  const sortable = (row: Own) =>
    (row[VOLUME_KEYS[field]] ?? '').toString().padEnd(field === 'CREATED_AT' ? 26 : 0, '0');
  const place = ({ region }: Own) => peer.regions.indexOf(region);
  const rows = met.map((id) => known(noun, id));
  // Where two regions collate names differently each region's own order stands, whatever that makes of their rows.
  const comparable = rows.filter(({ region }) => field !== 'NAME' || !region.mariadb);
  const ascending = (a: Own, b: Own) => Number(sortable(a) > sortable(b)) - Number(sortable(a) < sortable(b));
  const merged = comparable.toSorted(
    (a, b) => (direction === 'ASC' ? ascending(a, b) : ascending(b, a)) || place(a) - place(b),
  );
  const told = (row: Own) => `${row[VOLUME_KEYS[field]]} ${row.region.code}`;
  expect(comparable.map(told)).toEqual(merged.map(told));
  const nulls = rows.map((row) => row[VOLUME_KEYS[field]] === null);
  if (direction === 'DESC') nulls.reverse();
  expect(nulls.lastIndexOf(true)).toBe(nulls.filter(Boolean).length - 1);
}

/** A summary as the gateway should give it, of every volume and snapshot that the regions list. */
export async function summarize() {
  const listed = await Promise.all(peer.regions.map((region) => readAll(region, 'volumes')));
  const snapshots = (await Promise.all(peer.regions.map((region) => readAll(region, 'snapshots')))).flat();
  const volumes = listed.flat();
  const totals = (rows: readonly Row[]) => ({
    count: rows.length,
    sizeGb: rows.reduce((sum, { size }) => sum + size, 0),
  });
  const grouped = (key: (row: Row) => string) =>
    [...Map.groupBy(volumes, key)]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, rows]) => ({ name, ...totals(rows) }));
  return {
    total: totals(volumes),
    attached: totals(volumes.filter(({ attachments }) => attachments.length > 0)),
    unattached: totals(volumes.filter(({ attachments }) => attachments.length === 0)),
    snapshots: totals(snapshots),
    byRegion: listed.map((rows, index) => ({
      region: { code: peer.regions[index]?.code.toUpperCase() },
      ...totals(rows),
    })),
    byStatus: grouped(({ status }) => status.toUpperCase().replaceAll('-', '_')).map(({ name, ...sum }) => ({
      status: name,
      ...sum,
    })),
    byVolumeType: grouped(({ volume_type }) => volume_type),
    byAvailabilityZone: grouped(({ availability_zone }) => availability_zone),
    failures: [],
  };
}
