import { expect, test } from 'vitest';
import { alice, startStack } from '../support/stack.ts';
import { costOf, maxCostMs } from '../support/unharmed.ts';

/* How far a list is scanned for the rows that a filter wants, and what a scan costs. */

test('a scan is bounded: a page comes short or empty, and its cursor goes on where the scan stopped', async () => {
  await using large = await startStack({ quotas: {} });
  const [kr1, kr2] = [large.simulator.store('kr1'), large.simulator.store('kr2')];
  const created = (index: number) =>
    new Date(Date.UTC(2024, 0, 1) + index * 1000).toISOString().replace('Z', '000').slice(0, 26);
  // Newest first: 10,500 that do not match, then one that does. kr2's two lie before and behind the bound.
  for (let index = 0; index < 10_500; index++)
    kr1.addVolume(alice.tenant, { created_at: created(20_000 - index), name: 'other' });
  kr1.addVolume(alice.tenant, { created_at: created(100), name: 'wanted' });
  kr2.addVolume(alice.tenant, { created_at: created(15_000), name: 'wanted' });
  kr2.addVolume(alice.tenant, { created_at: created(200), name: 'wanted' });
  const query = `query($after: String) { volumes(regions: [KR1, KR2], filter: { name: "wanted", sizeMin: 1 }, after: $after, first: 5) {
    totalCount nodes { createdAt region { code } } pageInfo { hasNextPage endCursor }
  } }`;
  const { volumes } = await large.data(query);
  expect(volumes.nodes.map(({ region }: { region: { code: string } }) => region.code)).toEqual(['KR2']);
  expect(volumes.pageInfo.hasNextPage).toBe(true);
  expect(volumes.totalCount).toBeNull();
  expect(large.calls().filter((call) => call.includes('/detail'))).toHaveLength(11);
  const { volumes: rest } = await large.data(query, { variables: { after: volumes.pageInfo.endCursor } });
  expect(rest.nodes.map(({ region }: { region: { code: string } }) => region.code)).toEqual(['KR2', 'KR1']);
  expect(rest.pageInfo.hasNextPage).toBe(false);

  const nothing = `query($after: String) { volumes(regions: [KR1], filter: { name: "nothing", sizeMin: 1 }, after: $after) {
    nodes { id } pageInfo { hasNextPage endCursor }
  } }`;
  const { volumes: empty } = await large.data(nothing);
  expect(empty).toEqual({ nodes: [], pageInfo: { hasNextPage: true, endCursor: expect.any(String) } });
  const { volumes: end } = await large.data(nothing, { variables: { after: empty.pageInfo.endCursor } });
  expect(end.pageInfo).toEqual({ hasNextPage: false, endCursor: null });
});

test('a filter of 50,000 keys costs little for a thousand rows', async () => {
  await using large = await startStack({ quotas: {} });
  for (let index = 0; index < 1000; index++) large.simulator.store('kr1').addVolume(alice.tenant);
  const metadata = Object.fromEntries(Array.from({ length: 50_000 }, (_, index) => [`key${index}`, 'v']));
  const query = 'query($metadata: JSONObject) { volumes(filter: { metadata: $metadata }) { nodes { id } } }';
  const cost = await costOf(async () => {
    expect(await large.data(query, { variables: { metadata } })).toEqual({ volumes: { nodes: [] } });
  });
  expect(cost).toBeLessThan(maxCostMs);
});

test('a scan ends at half the time of the request, and goes on with the next page', async () => {
  await using slow = await startStack({
    regions: [{ code: 'kr1', maxLimit: 2 }],
    environment: { REQUEST_TIMEOUT_MS: '600' },
  });
  for (let index = 0; index < 20; index++)
    slow.simulator.store('kr1').addVolume(alice.tenant, { name: index === 0 ? 'wanted' : 'other' });
  slow.simulator.inject({ kind: 'delay', ms: 50 });
  const query = `query($after: String) { volumes(filter: { name: "wanted", sizeMin: 1 }, after: $after) { nodes { name } pageInfo { hasNextPage endCursor } } }`;
  const seen: unknown[] = [];
  let pages = 0;
  for (let after: string | null = null, more = true; more; pages++) {
    const { volumes }: { volumes: Page } = await slow.data(query, { variables: { after } });
    seen.push(...volumes.nodes);
    ({ endCursor: after, hasNextPage: more } = volumes.pageInfo);
  }
  expect(seen).toEqual([{ name: 'wanted' }]);
  expect(pages).toBeGreaterThan(1);
});

interface Page {
  readonly nodes: readonly { readonly uuid: string }[];
  readonly pageInfo: { readonly hasNextPage: boolean; readonly endCursor: string | null };
}
