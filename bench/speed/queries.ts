import { type RegionCode, regions, tenantOf, volumeId } from './rows.ts';

/** One query that every server is asked. */
export interface BenchQuery {
  readonly title: string;
  readonly tenant: string;
  readonly query: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  /** The REST calls that answer it, all made at the same time: what `bare` does. */
  readonly calls: readonly { readonly region: RegionCode; readonly path: string }[];
  /** Requests at once; each connection has a token of its own. */
  readonly connections: number;
}

const nested = `
  id uuid name status size availabilityZone bootable encrypted metadata createdAt
  volumeType { name }
  attachments { device server { uuid } }
  snapshots { nodes { name status size } }`;

const sort = 'sort=created_at%3Adesc%2Cid%3Adesc';

const nestedCalls = (region: RegionCode) => [
  { region, path: `/volumes/detail?${sort}&limit=101` },
  { region, path: '/types' },
  { region, path: `/snapshots/detail?${sort}&limit=1000` },
];

const few = 'nodes { id name status size }';

const thousands = Array.from({ length: 10 }, (_, page) => page * 1000);

export const queries = {
  one: {
    title: 'one volume',
    tenant: tenantOf(100),
    query: `query Volume($id: ID!) {
      volume(id: $id, region: KR1) {
        id name description status size availabilityZone bootable encrypted metadata createdAt
      }
    }`,
    variables: { id: volumeId('kr1', 7) },
    calls: [{ region: 'kr1', path: `/volumes/${volumeId('kr1', 7)}` }],
    connections: 32,
  },
  nested: {
    title: '100 volumes, nested',
    tenant: tenantOf(100),
    query: `query Volumes { region(code: KR1) { volumes(first: 100) { nodes { ${nested} } } } }`,
    calls: nestedCalls('kr1'),
    connections: 32,
  },
  merged: {
    title: 'three regions, 100 nested',
    tenant: tenantOf(100),
    query: `query Merged { volumes(first: 100) { nodes { region { code } ${nested} } } }`,
    calls: regions.flatMap(nestedCalls),
    connections: 32,
  },
  thousand: {
    title: '1,000 volumes, few fields',
    tenant: tenantOf(1000),
    query: `query Thousand { region(code: KR1) { volumes(first: 1000) { ${few} } } }`,
    calls: [{ region: 'kr1', path: `/volumes/detail?${sort}&limit=1000` }],
    connections: 32,
  },
  tenThousand: {
    title: '10,000 volumes',
    tenant: tenantOf(10_000),
    query: `query TenThousand { region(code: KR1) {
      ${thousands.map((offset) => `from${offset}: volumes(first: 1000, offset: ${offset}) { ${few} }`).join('\n')}
    } }`,
    calls: thousands.map((offset) => ({
      region: 'kr1',
      path: `/volumes/detail?${sort}&limit=1000&offset=${offset}`,
    })),
    connections: 8,
  },
} as const satisfies Record<string, BenchQuery>;

export type QueryName = keyof typeof queries;

// The keys of an object literal are those of its type.
export const queryNames = Object.keys(queries) as QueryName[];
