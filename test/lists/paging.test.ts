import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import type { SimulatedRegion } from '../../src/simulator/server.ts';
import { alice, startStack } from '../support/stack.ts';
import { fill, stack, startRegions, stopRegions, walk } from './paging.ts';

/*
 * Walks over one region's lists: every row exactly once and in the region's own order, whatever the page size, ties,
 * null names, and a server that cuts pages short.
 */

beforeAll(startRegions);
afterAll(stopRegions);

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
