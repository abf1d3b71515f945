import { afterAll, beforeAll, expect, test } from 'vitest';
import { alice } from '../support/stack.ts';
import { fill, stack, startRegions, stopRegions } from './paging.ts';

/* Pages of one region's lists: the rows that are read for a page, its cursors and its offset. */

beforeAll(startRegions);
afterAll(stopRegions);

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
