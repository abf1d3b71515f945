import fc from 'fast-check';
import { expect } from 'vitest';
import { alice, type GraphQLAnswer, type Stack, startStack } from '../support/stack.ts';

/* Three regions that differ, random rows and filters for them, and walks over the list merged of them. */

/** kr2 collates without case and knows whole seconds, jp1 answers 10 rows at most. */
export function startRegions(): Promise<Stack> {
  return startStack({ regions: [{ code: 'kr1' }, { code: 'kr2', mariadb: true }, { code: 'jp1', maxLimit: 10 }] });
}

export const codes = ['kr1', 'kr2', 'jp1'];

export interface Row {
  readonly id: string;
  readonly name: string | null;
  readonly created_at: string;
  readonly size: number;
  readonly status: string;
  readonly bootable: 'true' | 'false';
}

const row = fc.record({
  id: fc.uuid({ version: 4 }),
  name: fc.option(fc.constantFrom('a', 'A', 'b', 'B', '가', '볼륨', '💾', '10', '9', ''), { nil: null }),
  created_at: fc.constantFrom('2024-01-01T00:00:00.000000', '2024-01-01T00:00:01.000000', '2025-06-01T12:00:00.000000'),
  size: fc.constantFrom(1, 2, 10),
  status: fc.constantFrom('available', 'error', 'in-use'),
  bootable: fc.constantFrom<'true' | 'false'>('true', 'false'),
});
export const rowsOfRegions = fc.uniqueArray(fc.tuple(fc.constantFrom(...codes), row), {
  maxLength: 70,
  selector: ([, { id }]) => id,
});
export const directions = fc.constantFrom('ASC', 'DESC');
export const anyOrder = fc.array(
  fc.record({
    field: fc.constantFrom('NAME', 'CREATED_AT', 'SIZE', 'STATUS', 'AVAILABILITY_ZONE'),
    direction: directions,
  }),
  { maxLength: 3 },
);
export const pageSize = fc.integer({ min: 1, max: 60 });

/** A filter and, written anew here, what it means. */
export const filters = fc.record(
  {
    name: fc.constantFrom('a', 'B', '가'),
    nameContains: fc.constantFrom('A', 'b', '1', ''),
    status: fc.subarray(['AVAILABLE', 'ERROR', 'IN_USE'], { minLength: 1 }),
    sizeMin: fc.constantFrom(2, 5),
    sizeMax: fc.constantFrom(1, 5),
    bootable: fc.boolean(),
    createdAfter: fc.constantFrom('2024-01-01T00:00:01Z', '2025-01-01T00:00:00+09:00'),
    createdBefore: fc.constantFrom('2024-01-01T00:00:01Z', '2025-06-01T12:00:00Z'),
  },
  { requiredKeys: [] },
);
type Filter = typeof filters extends fc.Arbitrary<infer Value> ? Value : never;

export function isWanted(row: Row, filter: Filter): boolean {
  const created = Date.parse(`${row.created_at}Z`);
  return (
    (filter.name === undefined || row.name === filter.name) &&
    (!filter.nameContains || row.name?.toLowerCase().includes(filter.nameContains.toLowerCase()) === true) &&
    (filter.status === undefined || filter.status.includes(row.status.toUpperCase().replace('-', '_'))) &&
    (filter.sizeMin === undefined || row.size >= filter.sizeMin) &&
    (filter.sizeMax === undefined || row.size <= filter.sizeMax) &&
    (filter.bootable === undefined || String(filter.bootable) === row.bootable) &&
    (filter.createdAfter === undefined || created >= Date.parse(filter.createdAfter)) &&
    (filter.createdBefore === undefined || created < Date.parse(filter.createdBefore))
  );
}

export function fill(stack: Stack, rows: readonly (readonly [string, Row])[]): void {
  for (const code of codes) {
    const store = stack.simulator.store(code);
    for (const { id } of [...store.snapshots(alice.tenant), ...store.volumes(alice.tenant)]) store.remove(id);
  }
  for (const [code, row] of rows) stack.simulator.store(code).addVolume(alice.tenant, row);
}

export interface Page {
  readonly nodes: readonly { readonly uuid: string; readonly region: { readonly code: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly failures: readonly { readonly region: { readonly code: string } }[];
}

export const query = `query($regions: [RegionCode!], $first: Int, $after: String, $orderBy: [VolumeOrder!], $filter: VolumeFilter) {
  volumes(regions: $regions, first: $first, after: $after, orderBy: $orderBy, filter: $filter) {
    nodes { uuid status region { code } } pageInfo { hasNextPage endCursor } failures { region { code } }
  }
}`;

interface Walk {
  readonly regions?: readonly string[];
  readonly first: number;
  readonly orderBy: readonly object[];
  readonly filter?: Filter;
  /** Changes the world before each page. */
  readonly before?: () => void;
  /** What a page has given, before the next is asked. */
  readonly between?: (page: Page) => void;
  /** The field failed: what to do about it before the same page is asked again. */
  readonly failed?: (answer: GraphQLAnswer<{ volumes: Page | null }>) => void;
}

/** The rows of a walk to its end. */
export async function walk(
  stack: Stack,
  { before, between, failed, ...variables }: Walk,
): Promise<Page['nodes'][number][]> {
  const seen: Page['nodes'][number][] = [];
  for (let after: string | null = null, pages = 0; pages < 500; pages++) {
    before?.();
    const answer: GraphQLAnswer<{ volumes: Page | null }> = await stack.query(query, {
      variables: { ...variables, after },
    });
    const page = answer.data?.volumes;
    if (!page) {
      if (!failed) expect(answer.errors).toBeUndefined();
      failed?.(answer);
      continue;
    }
    expect(page.nodes.length).toBeLessThanOrEqual(variables.first);
    seen.push(...page.nodes);
    if (!page.pageInfo.hasNextPage) return seen;
    expect(page.pageInfo.endCursor).not.toBeNull();
    after = page.pageInfo.endCursor;
    between?.(page);
  }
  throw new Error('the walk does not end');
}

const columns: Record<string, string> = {
  NAME: 'name',
  CREATED_AT: 'created_at',
  SIZE: 'size',
  STATUS: 'status',
  AVAILABILITY_ZONE: 'availability_zone',
};

/** A region's own order, in one call to it. */
export async function ownOrder(
  stack: Stack,
  code: string,
  orderBy: readonly { field: string; direction: string }[],
): Promise<string[]> {
  const keys = new Map<string, string>();
  for (const { field, direction } of orderBy) {
    const column = columns[field] ?? '';
    if (!keys.has(column)) keys.set(column, `${column}:${direction.toLowerCase()}`);
  }
  const direction = [...keys.values()][0]?.split(':')[1] ?? 'desc';
  const sort = [...(keys.size === 0 ? ['created_at:desc'] : keys.values()), `id:${direction}`].join(',');
  const ids: string[] = [];
  for (;;) {
    const marker = ids.length === 0 ? '' : `&marker=${ids.at(-1)}`;
    const url = `${stack.simulator.endpoints[code]}/v2/${alice.tenant}/volumes?sort=${sort}${marker}`;
    const { volumes } = await (await fetch(url, { headers: { 'x-auth-token': alice.token } })).json();
    if (volumes.length === 0) return ids;
    ids.push(...volumes.map(({ id }: { id: string }) => id));
  }
}

export const uuidsIn = (rows: Page['nodes'], code: string) =>
  rows.filter(({ region }) => region.code === code.toUpperCase()).map(({ uuid }) => uuid);

export const sample: Row = {
  id: '',
  name: null,
  created_at: '2024-01-01T00:00:00.000000',
  size: 1,
  status: 'available',
  bootable: 'false',
};
export const uuidOf = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;
