import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { alice, type Stack, startStack } from '../support/stack.ts';
import { anyOrder, fill, rowsOfRegions, sample, startRegions, uuidOf, walk } from './merge.ts';

/* Pages of a list merged of three regions that begin behind a number of rows. */

let stack: Stack;

beforeAll(async () => {
  stack = await startRegions();
});

afterAll(() => stack[Symbol.asyncDispose]());

test('an offset leaves out rows of the merged list, whatever the regions, and cursors go on behind the page', () =>
  fc.assert(
    fc.asyncProperty(
      rowsOfRegions,
      anyOrder,
      fc.subarray(['KR1', 'KR2', 'JP1'], { minLength: 2 }),
      fc.nat({ max: 80 }),
      fc.integer({ min: 0, max: 20 }),
      async (rows, orderBy, regions, offset, first) => {
        fill(stack, rows);
        const all = await walk(stack, { regions, first: 1000, orderBy });
        const query = `query($regions: [RegionCode!], $first: Int, $offset: Int, $after: String, $orderBy: [VolumeOrder!]) {
          volumes(regions: $regions, first: $first, offset: $offset, after: $after, orderBy: $orderBy) {
            nodes { uuid } pageInfo { hasNextPage hasPreviousPage endCursor }
          }
        }`;
        const uuidsOf = (nodes: readonly { readonly uuid: string }[]) => nodes.map(({ uuid }) => uuid);
        const { volumes } = await stack.data(query, { variables: { regions, first, offset, orderBy } });
        const rest = all.slice(offset + first);
        expect(uuidsOf(volumes.nodes)).toEqual(uuidsOf(all.slice(offset, offset + first)));
        expect(volumes.pageInfo).toMatchObject({ hasNextPage: rest.length > 0, hasPreviousPage: offset > 0 });
        if (rest.length === 0) return;
        const after = volumes.pageInfo.endCursor;
        const { volumes: next } = await stack.data(query, { variables: { regions, first: 1000, after, orderBy } });
        expect(uuidsOf(next.nodes)).toEqual(uuidsOf(rest));
      },
    ),
    { numRuns: Number(process.env.OFFSET_RUNS ?? 60) },
  ));

test('an offset of one region goes upstream', async () => {
  fill(
    stack,
    [0, 1, 2].map((index) => ['kr2', { ...sample, id: uuidOf(index), size: index + 1 }]),
  );
  stack.simulator.clearRequests();
  const { volumes } = await stack.data(
    '{ volumes(regions: [KR2], offset: 1, orderBy: [{ field: SIZE }]) { nodes { size } } }',
  );
  expect(volumes.nodes).toEqual([{ size: 2 }, { size: 3 }]);
  expect(stack.calls()).toEqual([expect.stringContaining('offset=1')]);
});

test('an offset that cannot be read in time is refused, not answered with other rows', async () => {
  await using slow = await startStack({
    regions: [{ code: 'kr1', maxLimit: 5 }, { code: 'kr2' }],
    environment: { REQUEST_TIMEOUT_MS: '1000' },
  });
  for (let index = 0; index < 60; index++) slow.simulator.store('kr1').addVolume(alice.tenant);
  slow.simulator.inject({ kind: 'delay', ms: 100 });
  const { data, errors } = await slow.query('{ volumes(first: 3, offset: 50) { nodes { uuid } } }');
  expect(data).toEqual({ volumes: null });
  expect(errors?.[0]?.extensions).toEqual({ code: 'QUERY_TOO_COMPLEX' });
});

test('an offset behind all rows of the regions that answer is an empty page, and names the one that does not', async () => {
  fill(
    stack,
    [0, 1, 2].map((index) => ['kr1', { ...sample, id: uuidOf(index) }]),
  );
  const lift = stack.simulator.inject({ kind: 'status', status: 500, region: 'kr2' });
  const { volumes } = await stack.data(
    '{ volumes(regions: [KR1, KR2], first: 3, offset: 50) { nodes { uuid } failures { region { code } } } }',
  );
  lift();
  expect(volumes).toEqual({ nodes: [], failures: [{ region: { code: 'KR2' } }] });
});
