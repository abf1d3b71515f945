import { afterAll, beforeAll, expect, test } from 'vitest';
import type { Stack } from '../support/stack.ts';
import { codes, fill, type Page, query, type Row, sample, startRegions, uuidOf, uuidsIn } from './merge.ts';

/* The list merged of three regions: its order, its cursors, the regions that are asked. */

let stack: Stack;

beforeAll(async () => {
  stack = await startRegions();
});

afterAll(() => stack[Symbol.asyncDispose]());

test('a page has the rows of all regions in one order, and its cursor leads to the rest', async () => {
  fill(stack, [
    ['kr1', { ...sample, id: uuidOf(1), size: 10 }],
    ['kr1', { ...sample, id: uuidOf(2), size: 30 }],
    ['kr2', { ...sample, id: uuidOf(3), size: 20 }],
    ['jp1', { ...sample, id: uuidOf(4), size: 40 }],
  ]);
  const query = `query($after: String) {
    volumes(first: 3, after: $after, orderBy: [{ field: SIZE, direction: ASC }]) {
      nodes { size region { code } } pageInfo { hasNextPage endCursor }
    }
  }`;
  const { volumes } = await stack.data(query);
  expect(volumes.nodes).toEqual([
    { size: 10, region: { code: 'KR1' } },
    { size: 20, region: { code: 'KR2' } },
    { size: 30, region: { code: 'KR1' } },
  ]);
  expect(volumes.pageInfo.hasNextPage).toBe(true);
  const { volumes: rest } = await stack.data(query, { variables: { after: volumes.pageInfo.endCursor } });
  expect(rest.nodes).toEqual([{ size: 40, region: { code: 'JP1' } }]);
  expect(rest.pageInfo.hasNextPage).toBe(false);
});

test('a region that fails in the middle of a page contributes nothing to it, and all of it later', async () => {
  fill(
    stack,
    Array.from(
      { length: 30 },
      (_, index) => [codes[index % 3] ?? '', { ...sample, id: uuidOf(index), size: index + 1 }] as const,
    ),
  );
  // jp1 answers its first 10 rows, and fails when asked for more.
  const remove = stack.simulator.inject({ kind: 'status', status: 500, region: 'jp1', path: /marker/ });
  fill(
    stack,
    Array.from(
      { length: 60 },
      (_, index) => [codes[index % 3] ?? '', { ...sample, id: uuidOf(index), size: index + 1 }] as const,
    ),
  );
  const orderBy = [{ field: 'SIZE', direction: 'ASC' }];
  const variables = { first: 45, orderBy };
  const { volumes } = await stack.data<{ volumes: Page }>(query, { variables });
  expect(volumes.failures).toEqual([{ region: { code: 'JP1' } }]);
  expect(uuidsIn(volumes.nodes, 'jp1')).toEqual([]);
  expect(volumes.nodes).toHaveLength(40);
  remove();
  const { volumes: rest } = await stack.data<{ volumes: Page }>(query, {
    variables: { ...variables, after: volumes.pageInfo.endCursor },
  });
  expect(uuidsIn(rest.nodes, 'jp1')).toHaveLength(20);
  expect(rest.pageInfo.hasNextPage).toBe(false);
});

test('regions are asked as named, once each, in the order of the table; none named is refused', async () => {
  fill(
    stack,
    codes.map((code, index) => [code, { ...sample, id: uuidOf(index) }]),
  );
  const ask = async (regions: string[] | null) => {
    stack.simulator.clearRequests();
    const { data, errors } = await stack.query<{ volumes: Page | null }>(query, { variables: { regions } });
    return {
      rows: data?.volumes?.nodes.map(({ region }) => region.code),
      code: errors?.[0]?.extensions?.code,
      calls: stack.calls().length,
    };
  };
  expect(await ask(null)).toEqual({ rows: ['KR1', 'KR2', 'JP1'], calls: 3 });
  expect(await ask(['JP1', 'KR1', 'JP1'])).toEqual({ rows: ['KR1', 'JP1'], calls: 2 });
  expect(await ask([])).toEqual({ rows: undefined, code: 'BAD_USER_INPUT', calls: 0 });
});

test('a cursor belongs to its filter and its regions', async () => {
  fill(
    stack,
    Array.from({ length: 6 }, (_, index) => [codes[index % 3] ?? '', { ...sample, id: uuidOf(index) }] as const),
  );
  const variables = { first: 2, filter: { sizeMax: 5 }, regions: ['KR1', 'KR2'] };
  const { volumes } = await stack.data<{ volumes: Page }>(query, { variables });
  const after = volumes.pageInfo.endCursor;
  expect(
    (await stack.data<{ volumes: Page }>(query, { variables: { ...variables, regions: ['KR2', 'KR1'], after } }))
      .volumes.nodes,
  ).toHaveLength(2);
  for (const changed of [
    { filter: { sizeMax: 6 } },
    { filter: null },
    { regions: ['KR1'] },
    { regions: ['KR1', 'JP1'] },
    { regions: null },
  ]) {
    const { errors } = await stack.query(query, { variables: { ...variables, ...changed, after } });
    expect(errors?.[0]?.extensions?.code).toBe('BAD_USER_INPUT');
  }
});

test('a row’s own cursor loses no row of a region that collates in another way, though the row before is gone', async () => {
  const rows = {
    kr1: [['Zoo', 7]],
    kr2: [
      ['Alpha', 1],
      ['banana', 3],
      ['Zoo', 5],
    ],
  } as const;
  fill(
    stack,
    Object.entries(rows).flatMap(([code, own]) =>
      own.map(([name, size], index): [string, Row] => [
        code,
        { ...sample, id: uuidOf(index + size * 10), name: name as Row['name'], size: size as Row['size'] },
      ]),
    ),
  );
  const query = `query($after: String) {
    volumes(regions: [KR1, KR2], first: 2, after: $after, orderBy: [{ field: NAME }, { field: SIZE }]) {
      edges { cursor node { uuid name size } }
    }
  }`;
  const { volumes } = await stack.data(query);
  const [alpha, zoo] = volumes.edges;
  expect([alpha.node.name, zoo.node.name]).toEqual(['Alpha', 'Zoo']);
  stack.simulator.store('kr2').remove(alpha.node.uuid);
  const { volumes: next } = await stack.data(query, { variables: { after: zoo.cursor } });
  const names = next.edges.map(({ node }: { node: { name: string; size: number } }) => `${node.name} ${node.size}`);
  expect(names).toEqual(['banana 3', 'Zoo 5']);
});
