import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alice, startGateway, startStack } from '../support/stack.ts';
import {
  asGraphQL,
  cells,
  codes,
  expectAllFailed,
  expectCapped,
  failureOf,
  failures,
  retryAfter,
  someRequestId,
  title,
  volumesEach,
  wait,
  words,
} from './fault.ts';
import { ask, newestFirst, openGateway, simulator, startRegions, stopRegions } from './fault-regions.ts';

/*
 * What is left of an answer when a region fails, for each way of failing, of each kind of field: what the others
 * answered, and the region named with the code of the contract. One region of three fails, then all of them.
 */

test('a region that fails is named in failures, and the rows of the others are there', async () => {
  await using stack = await startStack();
  for (const region of ['kr1', 'kr2', 'jp1'])
    stack.simulator.store(region).addVolume(alice.tenant, { name: `volume of ${region}` });
  stack.simulator.inject({ kind: 'status', status: 403, region: 'kr2' });
  const { volumes } = await stack.data(`{
    volumes(orderBy: [{ field: NAME }]) { nodes { name } totalCount failures { region { code } code retryAfter } }
  }`);
  expect(volumes).toEqual({
    nodes: [{ name: 'volume of jp1' }, { name: 'volume of kr1' }],
    totalCount: 2,
    failures: [{ region: { code: 'KR2' }, code: 'FORBIDDEN', retryAfter: null }],
  });
});

beforeAll(startRegions);
afterAll(stopRegions);

describe('a merged list, however its regions fail', () => {
  const query = `{ volumes(first: 100) { nodes { uuid status } ${failures} } }`;

  test('two regions that fail in different ways leave the third whole', async () => {
    await using gateway = await startGateway(simulator.endpoints);
    const lifts = [
      simulator.inject({ kind: 'status', status: 401, region: 'kr1' }),
      simulator.inject({ kind: 'reset', region: 'jp1' }),
    ];
    const { volumes } = await gateway.data(query);
    for (const lift of lifts) lift();
    expect(volumes.nodes.map(({ uuid }: { uuid: string }) => uuid)).toEqual(newestFirst(['kr2']));
    expect(volumes.failures.map(({ region, code }: { region: object; code: string }) => ({ region, code }))).toEqual([
      { region: { code: 'KR1' }, code: 'UNAUTHENTICATED' },
      { region: { code: 'JP1' }, code: 'UPSTREAM_UNAVAILABLE' },
    ]);
  });

  test('all regions that fail in different ways are UPSTREAM_UNAVAILABLE, each with its own code', async () => {
    await using gateway = await startGateway(simulator.endpoints);
    const lifts = [
      simulator.inject({ kind: 'status', status: 401, region: 'kr1' }),
      simulator.inject({ kind: 'status', status: 500, region: 'kr2' }),
      simulator.inject({ kind: 'status', status: 429, region: 'jp1', headers: wait }),
    ];
    const { data, errors } = await gateway.query(query);
    for (const lift of lifts) lift();
    expect(data).toEqual({ volumes: null });
    expect(errors?.map(({ extensions }) => extensions)).toEqual([
      {
        code: 'UPSTREAM_UNAVAILABLE',
        failures: [
          { region: 'KR1', code: 'UNAUTHENTICATED', message: words, requestId: someRequestId, retryAfter: null },
          { region: 'KR2', code: 'UPSTREAM_ERROR', message: words, requestId: someRequestId, retryAfter: null },
          { region: 'JP1', code: 'RATE_LIMITED', message: words, requestId: someRequestId, retryAfter },
        ],
      },
    ]);
  });

  test('a failed list does not fail a look-up beside it, and none of its rows is read singly', async () => {
    await using stack = await startStack();
    const store = stack.simulator.store('kr1');
    const volumes = Array.from({ length: 12 }, () => store.addVolume(alice.tenant));
    for (const { id } of volumes) store.addSnapshot(alice.tenant, { volume_id: id });
    stack.simulator.inject({ kind: 'status', status: 500, path: /\/volumes\/detail/ });
    const { data, errors } = await stack.query(
      `{ alone: volume(id: "${volumes[0]?.id}", region: KR1) { uuid }
         region(code: KR1) { snapshots { nodes { volume { uuid } } } } }`,
    );
    expect(data.alone).toEqual({ uuid: volumes[0]?.id });
    // The row that was looked up is there.
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(Array(11).fill('UPSTREAM_ERROR'));
    expect(stack.calls().filter((call) => /^GET \/volumes\/[0-9a-f]{8}-/.test(call))).toHaveLength(1);
  });

  test('a region that is silent until the request’s own deadline leaves the others whole', async () => {
    await using gateway = await startGateway(simulator.endpoints, { REQUEST_TIMEOUT_MS: '1000' });
    const lift = simulator.inject({ kind: 'hang', region: 'kr2' });
    const { volumes } = await gateway.data(query);
    lift();
    expect(volumes.nodes.map(({ uuid }: { uuid: string }) => uuid)).toEqual(newestFirst(['kr1', 'jp1']));
    expect(volumes.failures).toEqual([
      { region: { code: 'KR2' }, code: 'UPSTREAM_TIMEOUT', message: words, retryAfter: null },
    ]);
  });
});

describe('a merged list', () => {
  const query = `query($after: String) {
    volumes(first: 100, after: $after) { nodes { uuid status } pageInfo { hasNextPage endCursor } totalCount ${failures} }
  }`;

  test.each(cells)(title, async ({ trouble, scope: { failing, healthy } }) => {
    await using gateway = await openGateway(trouble);
    const answer = await ask(gateway, [trouble, failing], query);
    if (healthy.length === 0) {
      expect(answer.data).toEqual({ volumes: null });
      expectAllFailed(answer, 'volumes', trouble);
      return;
    }
    expect(answer.errors).toBeUndefined();
    const { nodes, pageInfo, totalCount, ...rest } = answer.data.volumes;
    expect(nodes.map(({ uuid }: { uuid: string }) => uuid)).toEqual(newestFirst(healthy));
    expect(totalCount).toBe(healthy.length * volumesEach);
    expect(rest.failures).toEqual(failing.map((region) => failureOf(trouble, region)));
    expect(pageInfo.hasNextPage).toBe(true);

    // The region keeps its place: once it answers again the walk goes on to its end.
    const { volumes } = await gateway.data(query, { variables: { after: pageInfo.endCursor } });
    expect(volumes.nodes.map(({ uuid }: { uuid: string }) => uuid)).toEqual(newestFirst(failing));
    expect(volumes.failures).toEqual([]);
    expect(volumes.pageInfo.hasNextPage).toBe(false);
  });
});

describe('fields nested in a merged list', () => {
  const query = `{ volumes(first: 100) {
    nodes { uuid region { code } volumeType { name } snapshots { nodes { volumeUuid } } } ${failures}
  } }`;

  test.each(cells)(title, async ({ trouble, scope: { failing, healthy } }) => {
    await using gateway = await openGateway(trouble);
    const { data, errors } = await ask(gateway, [trouble, failing, /\/(types|snapshots)/], query);
    const { nodes } = data.volumes;
    // The list itself was answered by all.
    expect(data.volumes.failures).toEqual([]);
    expect(nodes.map(({ uuid }: { uuid: string }) => uuid)).toEqual(newestFirst(codes));
    for (const { uuid, region, ...nested } of nodes) {
      const isHealthy = healthy.some((code) => asGraphQL(code) === region.code);
      expect(nested).toEqual(
        isHealthy
          ? { volumeType: { name: 'General SSD' }, snapshots: { nodes: [{ volumeUuid: uuid }] } }
          : { volumeType: null, snapshots: null },
      );
    }
    for (const region of failing) {
      const own = errors?.filter(({ extensions }) => extensions?.region === asGraphQL(region));
      for (const field of ['volumeType', 'snapshots']) {
        // What says how many more there are has no place of its own, and stands behind its ten.
        const at = own?.findIndex(({ path }) => path?.at(-1) === field) ?? -1;
        expectCapped(own?.slice(at, at + 11), volumesEach, trouble, region);
      }
    }
    expect(errors).toHaveLength(failing.length * 2 * 11);
  });
});

describe('the summary', () => {
  const query = `{ storageSummary {
    total { count sizeGb } snapshots { count } byRegion { region { code } count sizeGb } byVolumeType { name count } ${failures}
  } }`;

  test.each(cells)(title, async ({ trouble, scope: { failing, healthy } }) => {
    await using gateway = await openGateway(trouble);
    const answer = await ask(gateway, [trouble, failing], query);
    if (healthy.length === 0) {
      expect(answer.data).toEqual({ storageSummary: null });
      expectAllFailed(answer, 'storageSummary', trouble);
      return;
    }
    expect(answer.errors).toBeUndefined();
    const byRegion = healthy.map((code) => ({
      region: { code: asGraphQL(code) },
      count: volumesEach,
      sizeGb: volumesEach * 10 ** codes.indexOf(code),
    }));
    const count = healthy.length * volumesEach;
    expect(answer.data.storageSummary).toEqual({
      total: { count, sizeGb: byRegion.reduce((sum, { sizeGb }) => sum + sizeGb, 0) },
      snapshots: { count },
      byRegion,
      byVolumeType: [{ name: 'General SSD', count }],
      // Once, though its volumes and its snapshots both failed.
      failures: failing.map((region) => failureOf(trouble, region)),
    });
  });
});
