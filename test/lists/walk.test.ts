import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { alice, type Stack, startStack } from '../support/stack.ts';

/*
 * Walks whose pages select now what the short list shows, now more, while rows are deleted and change their sort keys, and
 * while a region answers 404 for a row that is there, as a replica that lags does. Every row that stays as it is must be
 * met exactly once.
 */

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({
    regions: [{ code: 'kr1' }, { code: 'kr2', mariadb: true }, { code: 'jp1', maxLimit: 5 }],
  });
});

afterAll(() => stack[Symbol.asyncDispose]());

const codes = ['kr1', 'kr2', 'jp1'];

const row = fc.record({
  name: fc.option(fc.constantFrom('a', 'A', 'b', '가', '10', '9'), { nil: null }),
  size: fc.constantFrom(1, 2, 10),
  status: fc.constantFrom('available', 'error'),
  created_at: fc.constantFrom('2024-01-01T00:00:00.000000', '2024-01-01T00:00:01.000000', '2025-06-01T12:00:00.000000'),
});

/** What happens before a page is asked. */
const event = fc.record({
  deletes: fc.boolean(),
  changes: fc.option(fc.record({ size: fc.constantFrom(1, 2, 5, 10), name: fc.constantFrom('a', 'c', null) }), {
    nil: null,
  }),
  /** Which of the rows: the last one given, or any. */
  which: fc.oneof(fc.constant('last' as const), fc.nat({ max: 60 })),
  is404: fc.boolean(),
  selection: fc.constantFrom('uuid', 'uuid name', 'uuid size', 'uuid status createdAt'),
});

const walks = fc.record({
  rows: fc.array(fc.tuple(fc.constantFrom(...codes), row), { minLength: 1, maxLength: 60 }),
  regions: fc.subarray(['KR1', 'KR2', 'JP1'], { minLength: 1 }),
  orderBy: fc.array(
    fc.record({
      field: fc.constantFrom('NAME', 'CREATED_AT', 'SIZE', 'STATUS', 'AVAILABILITY_ZONE'),
      direction: fc.constantFrom('ASC', 'DESC'),
    }),
    { maxLength: 2 },
  ),
  first: fc.integer({ min: 0, max: 12 }),
  /** Goes on with the last row's own cursor, where there is one. */
  byEdges: fc.boolean(),
  events: fc.array(event, { minLength: 1, maxLength: 12 }),
});
type Walk = typeof walks extends fc.Arbitrary<infer Value> ? Value : never;

interface Page {
  readonly nodes: readonly { readonly uuid: string }[];
  readonly edges: readonly { readonly cursor: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}

/** Fills the regions, and gives the volumes. */
function fill(rows: Walk['rows']) {
  for (const code of codes) {
    const store = stack.simulator.store(code);
    for (const { id } of store.volumes(alice.tenant)) store.remove(id);
  }
  return rows.map(([code, row]) => ({ code, volume: stack.simulator.store(code).addVolume(alice.tenant, row) }));
}

test('every row that stays as it is comes exactly once by endCursor, and at least once by a row’s own cursor', () =>
  fc.assert(
    fc.asyncProperty(walks, async ({ rows, regions, orderBy, first, byEdges, events }) => {
      const volumes = fill(rows).filter(({ code }) => regions.includes(code.toUpperCase()));
      const touched = new Set<string>();
      const seen: string[] = [];

      function happen({ deletes, changes, which, is404 }: Walk['events'][number]): () => void {
        const uuid = which === 'last' ? seen.at(-1) : volumes[which]?.volume.id;
        const found = volumes.find(({ volume }) => volume.id === uuid);
        // So few that some row before the cursor is left as it was.
        if (found && touched.size < 6 && (deletes || changes)) {
          touched.add(found.volume.id);
          if (deletes) stack.simulator.store(found.code).remove(found.volume.id);
          else Object.assign(found.volume, changes);
        }
        return is404 ? stack.simulator.inject({ kind: 'status', status: 404, path: /marker=/, times: 1 }) : () => {};
      }

      let after: string | null = null;
      for (let page = 0; page < 200; page++) {
        const now = events[page % events.length] as Walk['events'][number];
        const lift = page > 0 && page <= events.length ? happen(now) : () => {};
        const query = `query($regions: [RegionCode!], $first: Int, $after: String, $orderBy: [VolumeOrder!]) {
          volumes(regions: $regions, first: $first, after: $after, orderBy: $orderBy) {
            nodes { ${now.selection} } edges { cursor } pageInfo { hasNextPage endCursor }
          }
        }`;
        // A page of none goes nowhere, so others follow it.
        const variables: Record<string, unknown> = {
          regions,
          orderBy,
          after,
          first: page % 2 === 0 ? first : Math.max(1, first),
        };
        const { volumes: list }: { volumes: Page } = await stack.data(query, { variables });
        lift();
        seen.push(...list.nodes.map(({ uuid }) => uuid));
        if (!list.pageInfo.hasNextPage) break;
        after = (byEdges ? list.edges.at(-1)?.cursor : null) ?? list.pageInfo.endCursor;
        expect(page, 'the walk ends').toBeLessThan(199);
      }
      const stable = volumes.map(({ volume }) => volume.id).filter((id) => !touched.has(id));
      const met = seen.filter((uuid) => !touched.has(uuid));
      // A row's own cursor remembers no other: where that row is gone or changed, rows may come again.
      expect((byEdges ? [...new Set(met)] : met).toSorted()).toEqual(stable.toSorted());
    }),
    { numRuns: Number(process.env.WALK_RUNS ?? 60) },
  ));

test('a page of none behind a marker that is not found once says that rows are left', async () => {
  fill(
    Array.from({ length: 9 }, () => [
      'kr1',
      { name: 'a', size: 1, status: 'available', created_at: '2024-01-01T00:00:00.000000' },
    ]),
  );
  const page = async (first: number, after: string | null) =>
    (
      await stack.data(
        'query($first: Int, $after: String) { volumes(regions: [KR1], first: $first, after: $after) { nodes { size } pageInfo { hasNextPage endCursor } } }',
        { variables: { first, after } },
      )
    ).volumes;
  const { endCursor } = (await page(3, null)).pageInfo;
  const lift = stack.simulator.inject({ kind: 'status', status: 404, path: /marker=/, times: 1 });
  const { pageInfo } = await page(0, endCursor);
  lift();
  expect(pageInfo.hasNextPage).toBe(true);
  expect((await page(50, pageInfo.endCursor)).nodes).toHaveLength(6);
});

test.each(['NAME', 'CREATED_AT'])(
  'by %s the short list serves pages of one region that select no more',
  async (field) => {
    fill([['kr1', { name: 'a', size: 1, status: 'available', created_at: '2024-01-01T00:00:00.000000' }]]);
    stack.simulator.clearRequests();
    await stack.data(`{ region(code: KR1) { volumes(orderBy: [{ field: ${field} }]) { nodes { uuid name } } } }`);
    expect(stack.calls()).toEqual([expect.stringMatching(/^GET \/volumes\?/)]);
  },
);

test.each(['SIZE', 'STATUS', 'AVAILABILITY_ZONE'])(
  'by %s the detailed list serves them, because the short one does not show it',
  async (field) => {
    stack.simulator.clearRequests();
    await stack.data(`{ region(code: KR1) { volumes(orderBy: [{ field: ${field} }]) { nodes { uuid name } } } }`);
    expect(stack.calls()).toEqual([expect.stringMatching(/^GET \/volumes\/detail\?/)]);
  },
);

test.each([
  [['KR1', 'KR2', 'JP1'], 1.9],
  [['KR1'], 1.6],
])('100 rows of %s as edges with cursors take %d times the bytes of nodes at most', async (regions, most) => {
  await using many = await startStack();
  for (const code of codes)
    for (let index = 0; index < 150; index++)
      many.simulator
        .store(code)
        .addVolume(alice.tenant, { name: `volume-${index}`, created_at: `2024-01-01T00:00:00.${100_000 + index}` });
  const bytesOf = async (selection: string) => {
    const query = `query($regions: [RegionCode!]) { volumes(first: 100, regions: $regions) { ${selection} } }`;
    return Buffer.byteLength(JSON.stringify(await many.data(query, { variables: { regions } })));
  };
  const nodes = await bytesOf('nodes { id name status size }');
  const edges = await bytesOf('edges { cursor node { id name status size } }');
  expect(edges / nodes).toBeLessThan(most);
});
