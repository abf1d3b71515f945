import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { alice, type GraphQLAnswer, type Stack, startStack } from '../support/stack.ts';

/*
 * Walks over a list merged of three regions. Each row that is there throughout must be met exactly once, whatever the
 * page size, ties, null names and filters, in an order that no region contradicts; also while rows are deleted, and
 * while regions fail and come back.
 */

let stack: Stack;

beforeAll(async () => {
  // Three that differ: kr2 collates without case and knows whole seconds, jp1 answers 10 rows at most.
  stack = await startStack({
    regions: [{ code: 'kr1' }, { code: 'kr2', mariadb: true }, { code: 'jp1', maxLimit: 10 }],
  });
});

afterAll(() => stack[Symbol.asyncDispose]());

const codes = ['kr1', 'kr2', 'jp1'];

interface Row {
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
const rowsOfRegions = fc.uniqueArray(fc.tuple(fc.constantFrom(...codes), row), {
  maxLength: 70,
  selector: ([, { id }]) => id,
});
const directions = fc.constantFrom('ASC', 'DESC');
const anyOrder = fc.array(
  fc.record({
    field: fc.constantFrom('NAME', 'CREATED_AT', 'SIZE', 'STATUS', 'AVAILABILITY_ZONE'),
    direction: directions,
  }),
  { maxLength: 3 },
);
const pageSize = fc.integer({ min: 1, max: 60 });

/** A filter and, written anew here, what it means. */
const filters = fc.record(
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

function isWanted(row: Row, filter: Filter): boolean {
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

function fill(rows: readonly (readonly [string, Row])[]): void {
  for (const code of codes) {
    const store = stack.simulator.store(code);
    for (const { id } of [...store.snapshots(alice.tenant), ...store.volumes(alice.tenant)]) store.remove(id);
  }
  for (const [code, row] of rows) stack.simulator.store(code).addVolume(alice.tenant, row);
}

interface Page {
  readonly nodes: readonly { readonly uuid: string; readonly region: { readonly code: string } }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
  readonly failures: readonly { readonly region: { readonly code: string } }[];
}

const query = `query($regions: [RegionCode!], $first: Int, $after: String, $orderBy: [VolumeOrder!], $filter: VolumeFilter) {
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
async function walk({ before, between, failed, ...variables }: Walk): Promise<Page['nodes'][number][]> {
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
async function ownOrder(code: string, orderBy: readonly { field: string; direction: string }[]): Promise<string[]> {
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

const uuidsIn = (rows: Page['nodes'], code: string) =>
  rows.filter(({ region }) => region.code === code.toUpperCase()).map(({ uuid }) => uuid);

test('a walk meets every matching row exactly once, in an order that no region contradicts', async () => {
  await fc.assert(
    fc.asyncProperty(
      rowsOfRegions,
      anyOrder,
      pageSize,
      fc.option(filters, { nil: undefined }),
      async (rows, orderBy, first, filter) => {
        fill(rows);
        const seen = await walk({ first, orderBy, ...(filter ? { filter } : {}) });
        const wanted = rows.filter(([, row]) => !filter || isWanted(row, filter));
        expect(seen.map(({ uuid }) => uuid).toSorted()).toEqual(wanted.map(([, { id }]) => id).toSorted());
        for (const code of codes) {
          const own = (await ownOrder(code, orderBy)).filter((id) => wanted.some(([, row]) => row.id === id));
          expect(uuidsIn(seen, code)).toEqual(own);
        }
      },
    ),
    { numRuns: 300 },
  );
});

test('rows of different regions stand in order: times as text, sizes as numbers, ties by the table of regions', async () => {
  const orderBys = fc.constantFrom('CREATED_AT', 'SIZE');
  await fc.assert(
    fc.asyncProperty(rowsOfRegions, orderBys, directions, pageSize, async (rows, field, direction, first) => {
      fill(rows);
      const seen = await walk({ first, orderBy: [{ field, direction }] });
      const of = new Map(rows.map(([code, row]) => [row.id, { row, region: codes.indexOf(code) }]));
      const key = (uuid: string) => of.get(uuid)?.row[field === 'SIZE' ? 'size' : 'created_at'] ?? '';
      for (const [index, { uuid }] of seen.slice(1).entries()) {
        const [a, b] = [key(seen[index]?.uuid ?? ''), key(uuid)];
        if (direction === 'ASC') expect(a <= b).toBe(true);
        else expect(a >= b).toBe(true);
        if (a === b) expect(of.get(seen[index]?.uuid ?? '')?.region).toBeLessThanOrEqual(of.get(uuid)?.region ?? -1);
      }
    }),
    { numRuns: 150 },
  );
});

test('rows deleted between pages cost no other row, and none comes twice', async () => {
  await fc.assert(
    fc.asyncProperty(
      rowsOfRegions,
      anyOrder,
      fc.integer({ min: 1, max: 15 }),
      fc.infiniteStream(fc.nat()),
      async (rows, orderBy, first, random) => {
        fill(rows);
        const deleted = new Set<string>();
        const remove = (uuid: string | undefined) => {
          const row = rows.find(([, { id }]) => id === uuid);
          if (!row || deleted.has(row[1].id)) return;
          deleted.add(row[1].id);
          stack.simulator.store(row[0]).remove(row[1].id);
        };
        const seen = await walk({
          first,
          orderBy,
          between: ({ nodes }) => {
            // The rows that the cursor stands at, and any other.
            for (const code of codes) remove(uuidsIn(nodes, code).at(-1));
            if (rows.length > 0) remove(rows[random.next().value % rows.length]?.[1].id);
          },
        });
        const uuids = seen.map(({ uuid }) => uuid);
        expect(new Set(uuids).size).toBe(uuids.length);
        const lasting = rows.map(([, { id }]) => id).filter((id) => !deleted.has(id));
        expect(uuids.filter((id) => !deleted.has(id)).toSorted()).toEqual(lasting.toSorted());
      },
    ),
    { numRuns: 200 },
  );
});

test('when all that the cursor remembers is deleted, the walk goes on behind its keys', async () => {
  await fc.assert(
    fc.asyncProperty(
      rowsOfRegions,
      fc.constantFrom('CREATED_AT', 'SIZE'),
      directions,
      fc.integer({ min: 10, max: 30 }),
      async (rows, field, direction, first) => {
        fill(rows);
        const deleted = new Set<string>();
        const seen = await walk({
          first,
          orderBy: [{ field, direction }],
          between: ({ nodes }) => {
            for (const { uuid, region } of nodes) {
              deleted.add(uuid);
              stack.simulator.store(region.code.toLowerCase()).remove(uuid);
            }
          },
        });
        expect(seen.map(({ uuid }) => uuid).toSorted()).toEqual(rows.map(([, { id }]) => id).toSorted());
      },
    ),
    { numRuns: 150 },
  );
});

test('rows whose sort keys change between pages cost no other row', async () => {
  await fc.assert(
    fc.asyncProperty(
      rowsOfRegions,
      fc.constantFrom('STATUS', 'NAME', 'SIZE'),
      directions,
      fc.integer({ min: 1, max: 9 }),
      fc.infiniteStream(fc.constantFrom('available', 'error', 'in-use', 'creating')),
      async (rows, field, direction, first, words) => {
        fill(rows);
        const changed = new Set<string>();
        const seen = await walk({
          first,
          orderBy: [{ field, direction }],
          between: ({ nodes }) => {
            // The rows that the cursor stands at, in each region.
            for (const code of codes) {
              const uuid = uuidsIn(nodes, code).at(-1);
              const row = uuid === undefined ? undefined : stack.simulator.store(code).volume(uuid);
              if (!row) continue;
              changed.add(row.id);
              const word = words.next().value;
              Object.assign(row, { status: word, name: word, size: word.length });
            }
          },
        });
        const uuids = seen.map(({ uuid }) => uuid).filter((uuid) => !changed.has(uuid));
        const lasting = rows.map(([, { id }]) => id).filter((id) => !changed.has(id));
        expect(uuids.toSorted()).toEqual(lasting.toSorted());
      },
    ),
    { numRuns: 200 },
  );
});

test('regions that fail and come back cost no row: a walk ends complete, or with an error', async () => {
  const failing = fc.infiniteStream(fc.subarray(codes));
  await fc.assert(
    fc.asyncProperty(
      rowsOfRegions,
      anyOrder,
      fc.integer({ min: 1, max: 20 }),
      fc.option(filters, { nil: undefined }),
      failing,
      async (rows, orderBy, first, filter, down) => {
        fill(rows);
        let mend: (() => void)[] = [];
        const seen = await walk({
          first,
          orderBy,
          ...(filter ? { filter } : {}),
          before: () => {
            for (const remove of mend) remove();
            mend = down
              .next()
              .value.map((region: string) => stack.simulator.inject({ kind: 'status', status: 500, region }));
          },
          failed: ({ errors }) => expect(errors?.[0]?.extensions?.code).toBe('UPSTREAM_ERROR'),
          between: ({ nodes, failures }) => {
            // What failed contributed nothing.
            for (const { region } of failures) expect(uuidsIn(nodes, region.code.toLowerCase())).toEqual([]);
          },
        });
        for (const remove of mend) remove();
        const wanted = rows.filter(([, row]) => !filter || isWanted(row, filter));
        expect(seen.map(({ uuid }) => uuid).toSorted()).toEqual(wanted.map(([, { id }]) => id).toSorted());
      },
    ),
    { numRuns: 200 },
  );
});

test('a region that fails in the middle of a page contributes nothing to it, and all of it later', async () => {
  fill(
    Array.from(
      { length: 30 },
      (_, index) => [codes[index % 3] ?? '', { ...sample, id: uuidOf(index), size: index + 1 }] as const,
    ),
  );
  // jp1 answers its first 10 rows, and fails when asked for more.
  const remove = stack.simulator.inject({ kind: 'status', status: 500, region: 'jp1', path: /marker/ });
  fill(
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

const sample: Row = {
  id: '',
  name: null,
  created_at: '2024-01-01T00:00:00.000000',
  size: 1,
  status: 'available',
  bootable: 'false',
};
const uuidOf = (index: number) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`;

test('regions are asked as named, once each, in the order of the table; none named is refused', async () => {
  fill(codes.map((code, index) => [code, { ...sample, id: uuidOf(index) }]));
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
  fill(Array.from({ length: 6 }, (_, index) => [codes[index % 3] ?? '', { ...sample, id: uuidOf(index) }] as const));
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

test('an offset leaves out rows of the merged list, whatever the regions, and cursors go on behind the page', () =>
  fc.assert(
    fc.asyncProperty(
      rowsOfRegions,
      anyOrder,
      fc.subarray(['KR1', 'KR2', 'JP1'], { minLength: 2 }),
      fc.nat({ max: 80 }),
      fc.integer({ min: 0, max: 20 }),
      async (rows, orderBy, regions, offset, first) => {
        fill(rows);
        const all = await walk({ regions, first: 1000, orderBy });
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
  fill([0, 1, 2].map((index) => ['kr2', { ...sample, id: uuidOf(index), size: index + 1 }]));
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
  fill([0, 1, 2].map((index) => ['kr1', { ...sample, id: uuidOf(index) }]));
  const lift = stack.simulator.inject({ kind: 'status', status: 500, region: 'kr2' });
  const { volumes } = await stack.data(
    '{ volumes(regions: [KR1, KR2], first: 3, offset: 50) { nodes { uuid } failures { region { code } } } }',
  );
  lift();
  expect(volumes).toEqual({ nodes: [], failures: [{ region: { code: 'KR2' } }] });
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
