import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SimulatedRegion } from '../../src/simulator/server.ts';
import { alice, type Stack, startStack } from '../support/stack.ts';

/*
 * Walks over one region's lists: every row exactly once and in the region's own order, whatever the page size, ties,
 * null names, and a server that cuts pages short.
 */

let stack: Stack;

beforeAll(async () => {
  // jp1 answers 10 rows at most, as the real one of the facts does.
  stack = await startStack({
    regions: [{ code: 'kr1' }, { code: 'kr2', mariadb: true }, { code: 'jp1', maxLimit: 10 }],
  });
});

afterAll(() => stack[Symbol.asyncDispose]());

const names = fc.option(fc.constantFrom('a', 'A', 'b', 'B', '가', '볼륨', '10', '9', ''), { nil: null });
const times = fc.constantFrom('2024-01-01T00:00:00.000000', '2024-01-01T00:00:00.000001', '2025-06-01T12:00:00.500000');
const rows = fc.array(
  fc.record({
    name: names,
    created_at: times,
    size: fc.constantFrom(1, 2, 10),
    status: fc.constantFrom('available', 'error'),
  }),
  { maxLength: 45 },
);
const directions = fc.constantFrom('ASC', 'DESC');
const orders = (fields: string[]) =>
  fc.array(fc.record({ field: fc.constantFrom(...fields), direction: directions }), { maxLength: 3 });

interface Page {
  readonly nodes: readonly { uuid: string }[];
  readonly pageInfo: { hasNextPage: boolean; endCursor: string | null };
}

/** Walks a list to its end. `between` may change the world between two pages. */
async function walk(
  noun: 'volume' | 'snapshot',
  region: string,
  first: number,
  orderBy: object[],
  between: (page: Page) => void = () => {},
): Promise<string[]> {
  const query = `query($region: RegionCode!, $first: Int, $after: String, $orderBy: [${noun === 'volume' ? 'Volume' : 'Snapshot'}Order!]) {
    region(code: $region) { list: ${noun}s(first: $first, after: $after, orderBy: $orderBy) {
      nodes { uuid status } pageInfo { hasNextPage endCursor }
    } }
  }`;
  const seen: string[] = [];
  let after: string | null = null;
  for (let pages = 0; pages < 200; pages++) {
    const variables: Record<string, unknown> = { region, first, after, orderBy };
    const { list } = (await stack.data<{ region: { list: Page } }>(query, { variables })).region;
    expect(list.nodes.length).toBeLessThanOrEqual(first);
    seen.push(...list.nodes.map(({ uuid }) => uuid));
    if (!list.pageInfo.hasNextPage) return seen;
    expect(list.pageInfo.endCursor).not.toBeNull();
    after = list.pageInfo.endCursor;
    between(list);
  }
  throw new Error('the walk does not end');
}

function fill(noun: 'volume' | 'snapshot', region: string, rows: readonly object[]): string[] {
  const store = stack.simulator.store(region.toLowerCase());
  for (const { id } of [...store.snapshots(alice.tenant), ...store.volumes(alice.tenant)]) store.remove(id);
  if (noun === 'volume') return rows.map((row) => store.addVolume(alice.tenant, row).id);
  const volume = store.addVolume(alice.tenant);
  return rows.map((row) => store.addSnapshot(alice.tenant, { ...row, volume_id: volume.id }).id);
}

const regions = fc.constantFrom('KR1', 'KR2', 'JP1');

test('a walk over volumes meets every volume exactly once, in the order of one big page', async () => {
  await fc.assert(
    fc.asyncProperty(
      rows,
      regions,
      fc.integer({ min: 1, max: 60 }),
      orders(['NAME', 'CREATED_AT', 'SIZE', 'STATUS', 'AVAILABILITY_ZONE']),
      async (rows, region, first, orderBy) => {
        const ids = fill('volume', region, rows);
        const seen = await walk('volume', region, first, orderBy);
        expect(seen.toSorted()).toEqual(ids.toSorted());
        expect(seen).toEqual(await walk('volume', region, 1000, orderBy));
      },
    ),
    { numRuns: 60 },
  );
});

test('a walk over snapshots meets every snapshot exactly once, in the order of one big page', async () => {
  await fc.assert(
    fc.asyncProperty(
      rows,
      regions,
      fc.integer({ min: 1, max: 60 }),
      orders(['NAME', 'CREATED_AT', 'SIZE', 'STATUS']),
      async (rows, region, first, orderBy) => {
        const ids = fill('snapshot', region, rows);
        const seen = await walk('snapshot', region, first, orderBy);
        expect(seen.toSorted()).toEqual(ids.toSorted());
        expect(seen).toEqual(await walk('snapshot', region, 1000, orderBy));
      },
    ),
    { numRuns: 40 },
  );
});

test('a walk goes on when the row at its cursor is deleted between pages', async () => {
  await fc.assert(
    fc.asyncProperty(rows, regions, fc.integer({ min: 2, max: 12 }), async (rows, region, first) => {
      const ids = fill('volume', region, rows);
      const deleted = new Set<string>();
      const seen = await walk('volume', region, first, [{ field: 'SIZE', direction: 'ASC' }], ({ nodes }) => {
        const last = nodes.at(-1);
        if (!last) return;
        deleted.add(last.uuid);
        stack.simulator.store(region.toLowerCase()).remove(last.uuid);
      });
      const lasting = (uuid: string) => !deleted.has(uuid);
      expect(seen.filter(lasting).toSorted()).toEqual(ids.filter(lasting).toSorted());
      expect(new Set(seen).size).toBe(seen.length);
    }),
    { numRuns: 40 },
  );
});

test('the default order is newest first, ties by id', async () => {
  const ids = fill('volume', 'KR1', [
    { id: '00000000-0000-4000-8000-000000000001', created_at: '2024-01-01T00:00:00.000000' },
    { id: '00000000-0000-4000-8000-000000000003', created_at: '2025-01-01T00:00:00.000000' },
    { id: '00000000-0000-4000-8000-000000000002', created_at: '2025-01-01T00:00:00.000000' },
  ]);
  expect(await walk('volume', 'KR1', 2, [])).toEqual([ids[1], ids[2], ids[0]]);
});

test('offset leaves out rows, and cursors go on behind the page it gave', async () => {
  const ids = fill(
    'volume',
    'JP1',
    Array.from({ length: 25 }, (_, index) => ({ size: index + 1 })),
  );
  const query = `query($after: String, $offset: Int) { region(code: JP1) {
    volumes(first: 12, offset: $offset, after: $after, orderBy: [{ field: SIZE }]) {
      nodes { uuid status } pageInfo { hasNextPage hasPreviousPage endCursor }
    }
  } }`;
  const { volumes } = (await stack.data(query, { variables: { offset: 5 } })).region;
  expect(volumes.nodes.map(({ uuid }: { uuid: string }) => uuid)).toEqual(ids.slice(5, 17));
  expect(volumes.pageInfo).toMatchObject({ hasNextPage: true, hasPreviousPage: true });
  const { volumes: rest } = (await stack.data(query, { variables: { after: volumes.pageInfo.endCursor } })).region;
  expect(rest.nodes.map(({ uuid }: { uuid: string }) => uuid)).toEqual(ids.slice(17));
  expect(rest.pageInfo.hasNextPage).toBe(false);
});

test('a list asks for one row more than wanted, 1000 at most', async () => {
  fill('volume', 'KR1', [{}]);
  const asked = async (first: number | null) => {
    stack.simulator.clearRequests();
    await stack.data('query($first: Int) { region(code: KR1) { volumes(first: $first) { nodes { status } } } }', {
      variables: { first },
    });
    return stack.calls().map((call) => new URLSearchParams(call.split('?')[1]).get('limit'));
  };
  expect(await asked(null)).toEqual(['51']);
  expect(await asked(7)).toEqual(['8']);
  expect(await asked(999)).toEqual(['1000']);
  expect(await asked(1000)).toEqual(['1000']);
});

test('first: 0 gives no rows and says whether there are some', async () => {
  const query = '{ region(code: KR1) { volumes(first: 0) { edges { cursor } pageInfo { hasNextPage endCursor } } } }';
  fill('volume', 'KR1', []);
  expect((await stack.data(query)).region.volumes).toEqual({
    edges: [],
    pageInfo: { hasNextPage: false, endCursor: null },
  });
  fill('volume', 'KR1', [{}]);
  expect((await stack.data(query)).region.volumes).toMatchObject({ edges: [], pageInfo: { hasNextPage: true } });
});

test('every edge has a cursor of its own to go on behind', async () => {
  fill(
    'volume',
    'KR1',
    Array.from({ length: 6 }, (_, size) => ({ size: size + 1 })),
  );
  const query = `query($after: String) { region(code: KR1) { volumes(after: $after, orderBy: [{ field: SIZE }]) {
    edges { cursor node { size } } pageInfo { startCursor endCursor }
  } } }`;
  const { edges, pageInfo } = (await stack.data(query)).region.volumes;
  expect(pageInfo).toEqual({ startCursor: edges[0].cursor, endCursor: edges[5].cursor });
  for (const [index, { cursor }] of edges.entries()) {
    const { edges: rest } = (await stack.data(query, { variables: { after: cursor } })).region.volumes;
    expect(rest.map(({ node }: { node: { size: number } }) => node.size)).toEqual([1, 2, 3, 4, 5, 6].slice(index + 1));
  }
});

test('the snapshots of a volume and the volume types are paged by cursor too', async () => {
  const ids = fill(
    'snapshot',
    'KR1',
    Array.from({ length: 7 }, () => ({})),
  );
  const query = `query($types: String, $snapshots: String) { region(code: KR1) {
    volumeTypes(first: 1, after: $types) { nodes { name } pageInfo { hasNextPage endCursor } }
    volumes { nodes { snapshots(first: 3, after: $snapshots) { nodes { uuid } pageInfo { hasNextPage endCursor } } } }
  } }`;
  const types: string[] = [];
  const snapshots: string[] = [];
  let variables: Record<string, string | null> = {};
  for (let more = true; more; ) {
    const { volumeTypes, volumes } = (await stack.data(query, { variables })).region;
    const [{ snapshots: page }] = volumes.nodes;
    types.push(...volumeTypes.nodes.map(({ name }: { name: string }) => name));
    snapshots.push(...page.nodes.map(({ uuid }: { uuid: string }) => uuid));
    more = volumeTypes.pageInfo.hasNextPage || page.pageInfo.hasNextPage;
    variables = { types: volumeTypes.pageInfo.endCursor, snapshots: page.pageInfo.endCursor };
  }
  expect(types).toEqual(types.toSorted());
  expect(types.length).toBeGreaterThan(1);
  expect(snapshots.toSorted()).toEqual(ids.toSorted());
});

test('an upstream that ignores the marker is noticed: no loop, no doubles', async () => {
  fill(
    'volume',
    'JP1',
    Array.from({ length: 25 }, () => ({})),
  );
  const remove = stack.simulator.inject({
    kind: 'body',
    region: 'jp1',
    path: /volumes/,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      volumes: stack.simulator.store('jp1').volumes(alice.tenant).slice(0, 10),
      volumes_links: [
        { rel: 'next', href: 'http://elsewhere/v2/t/volumes?marker=00000000-0000-4000-8000-000000000000' },
      ],
    }),
  });
  stack.simulator.clearRequests();
  const { data, errors } = await stack.query('{ region(code: JP1) { volumes { nodes { status } } } }');
  remove();
  expect(data.region.volumes).toBeNull();
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'UPSTREAM_ERROR', region: 'JP1' });
  expect(stack.calls()).toHaveLength(3);
});

test.each<[string, Partial<SimulatedRegion>, string[]]>([
  ['made before the cursor fill the page', {}, ['b1', 'b2', 'b3']],
  ['come one a page', { maxLimit: 1 }, []],
])('rows that %s do not end a walk', async (_, traits, made) => {
  await using other = await startStack({ regions: [{ code: 'kr1', ...traits }] });
  const store = other.simulator.store('kr1');
  for (const name of ['a', 'c', 'e', 'g']) store.addVolume(alice.tenant, { name });
  const query = `query($after: String) { region(code: KR1) { volumes(first: 2, after: $after, orderBy: [{ field: NAME }]) {
    nodes { name status } pageInfo { hasNextPage endCursor }
  } } }`;
  const seen: string[] = [];
  for (let after: string | null = null, isMore = true; isMore; ) {
    const {
      region,
    }: { region: { volumes: { nodes: { name: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string } } } } =
      await other.data(query, { variables: { after } });
    seen.push(...region.volumes.nodes.map(({ name }) => name));
    if (after === null) for (const name of made) store.addVolume(alice.tenant, { name });
    ({ hasNextPage: isMore, endCursor: after } = region.volumes.pageInfo);
  }
  expect(seen.filter((name) => !name.startsWith('b'))).toEqual(['a', 'c', 'e', 'g']);
});
