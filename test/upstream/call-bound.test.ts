import { expect, test, vi } from 'vitest';
import { subscribe } from '../support/event-stream.ts';
import { alice, type Stack, startStack } from '../support/stack.ts';

/* One request may make so many REST calls, whatever it was estimated at: what was read before stays. */

/** Regions whose pages have ten rows at most, so that few rows take many calls. */
const startBounded = (most: number, codes: readonly string[] = ['kr1']) =>
  startStack({
    regions: codes.map((code) => ({ code, maxLimit: 10 })),
    environment: { UPSTREAM_CALLS_PER_REQUEST: String(most) },
  });

function addVolumes(stack: Stack, code: string, count: number): string[] {
  return Array.from({ length: count }, (_, index) => {
    const created_at = `2024-01-01T00:00:00.${String(999_999 - index).padStart(6, '0')}`;
    return stack.simulator.store(code).addVolume(alice.tenant, { name: `${code} ${index}`, created_at }).name ?? '';
  });
}

const tooComplex = expect.objectContaining({ code: 'QUERY_TOO_COMPLEX' });

interface Page {
  readonly volumes: {
    readonly nodes: readonly { readonly name: string }[];
    readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string };
  };
}

/** The pages of a list from its beginning to its end. */
async function walk(stack: Stack, args: string): Promise<Page['volumes'][]> {
  const query = `query ($after: String) { volumes(after: $after, ${args}) { nodes { name size } pageInfo { hasNextPage endCursor } } }`;
  const pages: Page['volumes'][] = [];
  do {
    const after = pages.at(-1)?.pageInfo.endCursor;
    pages.push((await stack.data<Page>(query, { variables: { after } })).volumes);
  } while (pages.at(-1)?.pageInfo.hasNextPage);
  return pages;
}

const namesIn = (pages: readonly Page['volumes'][]) => pages.flatMap(({ nodes }) => nodes.map(({ name }) => name));

test('a filtered scan ends short at the bound, and its cursors lead to every row exactly once', async () => {
  await using stack = await startBounded(3);
  const wanted = addVolumes(stack, 'kr1', 100).filter((name) => name.endsWith('7'));
  const pages = await walk(stack, 'first: 50, filter: { nameContains: "7" }');
  expect(namesIn(pages).filter((name) => name.endsWith('7'))).toEqual(wanted);
  expect(pages.length).toBeGreaterThan(3);
  expect(stack.calls().length).toBeLessThanOrEqual(3 * pages.length);
  expect(new Set(pages.map(({ pageInfo }) => pageInfo.endCursor)).size).toBe(pages.length);
});

test('a count that reaches the bound is null, and the page beside it stays', async () => {
  await using stack = await startBounded(3);
  addVolumes(stack, 'kr1', 100);
  const { volumes } = await stack.data('{ volumes(first: 5) { totalCount nodes { name } failures { code } } }');
  expect(volumes).toEqual({ totalCount: null, nodes: expect.any(Array), failures: [] });
  expect(volumes.nodes).toHaveLength(5);
});

test('of two lists the one that can read nothing fails, and the other stays', async () => {
  await using stack = await startBounded(1);
  addVolumes(stack, 'kr1', 5);
  const { data, errors } = await stack.query('{ volumes { nodes { size } } snapshots { nodes { size } } }');
  expect(data?.volumes.nodes).toHaveLength(5);
  expect(data?.snapshots).toBeNull();
  expect(errors?.map(({ extensions }) => extensions)).toEqual([tooComplex]);
  expect(stack.calls()).toHaveLength(1);
});

test('a region that can be asked nothing any more stands in the failures of a merged list', async () => {
  await using stack = await startBounded(2, ['kr1', 'kr2', 'jp1']);
  const { volumes } = await stack.data('{ volumes { nodes { size } failures { region { code } code } } }');
  expect(volumes).toEqual({ nodes: [], failures: [{ region: { code: 'JP1' }, code: 'QUERY_TOO_COMPLEX' }] });
});

test('merged pages that end at the bound are in order, and the walk meets every row once', async () => {
  await using stack = await startBounded(5, ['kr1', 'kr2']);
  const all = ['kr1', 'kr2'].flatMap((code) => addVolumes(stack, code, 60));
  const met = namesIn(await walk(stack, 'first: 100'));
  expect(met.toSorted()).toEqual(all.toSorted());
  const places = met.map((name) => Number(name.split(' ')[1]));
  expect(places).toEqual(places.toSorted((a, b) => a - b));
});

test('retries count, and a read that may not be repeated fails for its own reason', async () => {
  await using stack = await startBounded(2);
  stack.simulator.inject({ kind: 'html', status: 503 });
  const { errors } = await stack.query('{ volumes { nodes { size } } }');
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['UPSTREAM_UNAVAILABLE']);
  expect(stack.calls()).toHaveLength(2);
});

test('a write beyond the bound is not sent', async () => {
  await using stack = await startBounded(1);
  const create = (alias: string) => `${alias}: createVolume(input: { region: KR1, size: 1 }) { volume { uuid } }`;
  const { data, errors } = await stack.query(`mutation { ${create('a')} ${create('b')} }`);
  expect(data?.a.volume.uuid).toEqual(expect.any(String));
  expect(errors).toEqual([
    expect.objectContaining({ path: ['b'], extensions: { code: 'QUERY_TOO_COMPLEX', region: 'KR1' } }),
  ]);
  expect(stack.calls()).toEqual(['POST /volumes']);
});

test('of the objects that rows name, those that were read stay', async () => {
  await using stack = await startBounded(3);
  const store = stack.simulator.store('kr1');
  for (const _ of Array(30)) store.addSnapshot(alice.tenant, { volume_id: store.addVolume(alice.tenant).id });
  const { data, errors = [] } = await stack.query('{ snapshots(first: 20) { nodes { volume { size } } } }');
  const volumes: unknown[] = data.snapshots.nodes.map(({ volume }: { volume: unknown }) => volume);
  expect(volumes).toContainEqual({ size: expect.any(Number) });
  expect(volumes).toContain(null);
  for (const { extensions } of errors) expect(extensions).toMatchObject({ code: 'QUERY_TOO_COMPLEX' });
  expect(stack.calls()).toHaveLength(3);
});

test('each event of a subscription may make as many calls as a request', async () => {
  await using stack = await startStack({ environment: { UPSTREAM_CALLS_PER_REQUEST: '1', POLL_INTERVAL_MS: '20' } });
  const store = stack.simulator.store('kr1');
  const { id } = store.addVolume(alice.tenant, { status: 'creating' });
  const query = `subscription { volumeUpdated(id: "${id}", region: KR1, until: [ERROR]) { status volumeType { name } } }`;
  await using subscribed = subscribe(stack, query);
  for (const [index, status] of ['available', 'in-use', 'error'].entries()) {
    await vi.waitFor(() => expect(subscribed.results.length).toBe(index + 1), 5000);
    store.setStatus(id, status);
  }
  await subscribed.ended;
  expect(subscribed.results.flatMap(({ errors = [] }) => errors)).toEqual([]);
});

test('140 lists whose cursors point at deleted rows make at most 450 calls', async () => {
  await using stack = await startStack({ regions: [{ code: 'kr1' }] });
  addVolumes(stack, 'kr1', 40);
  const { volumes } = await stack.data('{ volumes(first: 20) { nodes { uuid } pageInfo { endCursor } } }');
  for (const { uuid } of volumes.nodes) stack.simulator.store('kr1').remove(uuid);
  stack.simulator.clearRequests();
  const lists = Array.from(
    { length: 140 },
    (_, index) => `a${index}: volumes(after: $after, first: ${index + 1}) { nodes { name } }`,
  );
  const { data, errors = [] } = await stack.query(`query ($after: String) { ${lists.join(' ')} }`, {
    variables: { after: volumes.pageInfo.endCursor },
  });
  expect(stack.calls().length).toBeLessThanOrEqual(450);
  expect(new Set(errors.map(({ extensions }) => extensions?.code))).toEqual(new Set(['QUERY_TOO_COMPLEX']));
  const read = Object.values<{ nodes: unknown[] } | null>(data ?? {}).filter((list) => list !== null);
  expect(read.length + errors.length).toBeGreaterThanOrEqual(140);
});
