import { afterEach, beforeEach, expect, test } from 'vitest';
import { alice, bob, type Stack, startStack } from '../support/stack.ts';

let stack: Stack;

beforeEach(async () => {
  stack = await startStack();
});

afterEach(() => stack[Symbol.asyncDispose]());

const query = `{ storageSummary {
  total { count sizeGb } attached { count sizeGb } unattached { count sizeGb } snapshots { count sizeGb }
  byRegion { region { code } count sizeGb } byStatus { status count sizeGb }
  byVolumeType { name count sizeGb } byAvailabilityZone { name count sizeGb }
  failures { region { code } code message retryAfter }
} }`;

function fill() {
  const attachment = (id: string) => ({
    id,
    attachment_id: '00000000-0000-4000-8000-00000000000a',
    volume_id: id,
    server_id: '00000000-0000-4000-8000-00000000000b',
    host_name: null,
    device: '/dev/vdb',
    attached_at: '',
  });
  const kr1 = stack.simulator.store('kr1');
  const used = kr1.addVolume(alice.tenant, {
    size: 2_000_000_000,
    status: 'in-use',
    volume_type: 'General SSD',
    availability_zone: 'a',
  });
  used.attachments.push(attachment(used.id));
  kr1.addVolume(alice.tenant, {
    size: 2_000_000_000,
    status: 'available',
    volume_type: 'General HDD',
    availability_zone: 'a',
  });
  kr1.addSnapshot(alice.tenant, { volume_id: used.id });
  const jp1 = stack.simulator.store('jp1');
  jp1.addVolume(alice.tenant, { size: 5, status: 'frozen', volume_type: null, availability_zone: 'b' });
  jp1.addVolume(bob.tenant, { size: 7 });
}

test('what the tenant has is added up in every way, also beyond 32 bits, nameless groups first', async () => {
  fill();
  expect((await stack.data(query)).storageSummary).toEqual({
    total: { count: 3, sizeGb: 4_000_000_005 },
    attached: { count: 1, sizeGb: 2_000_000_000 },
    unattached: { count: 2, sizeGb: 2_000_000_005 },
    snapshots: { count: 1, sizeGb: 2_000_000_000 },
    byRegion: [
      { region: { code: 'KR1' }, count: 2, sizeGb: 4_000_000_000 },
      { region: { code: 'KR2' }, count: 0, sizeGb: 0 },
      { region: { code: 'JP1' }, count: 1, sizeGb: 5 },
    ],
    byStatus: [
      { status: 'UNKNOWN', count: 1, sizeGb: 5 },
      { status: 'AVAILABLE', count: 1, sizeGb: 2_000_000_000 },
      { status: 'IN_USE', count: 1, sizeGb: 2_000_000_000 },
    ],
    byVolumeType: [
      { name: null, count: 1, sizeGb: 5 },
      { name: 'General HDD', count: 1, sizeGb: 2_000_000_000 },
      { name: 'General SSD', count: 1, sizeGb: 2_000_000_000 },
    ],
    byAvailabilityZone: [
      { name: 'a', count: 2, sizeGb: 4_000_000_000 },
      { name: 'b', count: 1, sizeGb: 5 },
    ],
    failures: [],
  });
});

test('a region that fails is in no total, and stands once among the failures', async () => {
  fill();
  stack.simulator.inject({ kind: 'status', status: 429, region: 'kr1', headers: { 'Retry-After': '9' } });
  const { storageSummary } = await stack.data(query);
  expect(storageSummary).toMatchObject({
    total: { count: 1, sizeGb: 5 },
    snapshots: { count: 0 },
    byRegion: [{ region: { code: 'KR2' } }, { region: { code: 'JP1' } }],
    failures: [{ region: { code: 'KR1' }, code: 'RATE_LIMITED', retryAfter: 9 }],
  });
});

test('snapshots that cannot be read cost the totals of the volumes nothing', async () => {
  fill();
  stack.simulator.inject({ kind: 'status', status: 500, path: /snapshots/ });
  const { storageSummary } = await stack.data(query);
  expect(storageSummary).toMatchObject({ total: { count: 3 }, snapshots: null });
  expect(storageSummary.failures).toHaveLength(3);
});

test('one region can be asked alone, or some', async () => {
  fill();
  const totals = 'total { count } byRegion { region { code } }';
  const data = await stack.data(
    `{ region(code: JP1) { storageSummary { ${totals} } } some: storageSummary(regions: [KR2, KR1]) { ${totals} } }`,
  );
  expect(data.region.storageSummary).toEqual({ total: { count: 1 }, byRegion: [{ region: { code: 'JP1' } }] });
  expect(data.some).toEqual({
    total: { count: 2 },
    byRegion: [{ region: { code: 'KR1' } }, { region: { code: 'KR2' } }],
  });
});

test('when every region fails the field does: with their common code, else UPSTREAM_UNAVAILABLE, and each by name', async () => {
  stack.simulator.inject({ kind: 'status', status: 403, region: 'kr1' });
  stack.simulator.inject({ kind: 'status', status: 403, region: 'kr2' });
  const remove = stack.simulator.inject({ kind: 'status', status: 403, region: 'jp1' });
  const common = await stack.query('{ storageSummary { total { count } } volumes { nodes { status } } }');
  expect(common.data).toEqual({ storageSummary: null, volumes: null });
  for (const { extensions } of common.errors ?? []) {
    expect(extensions?.code).toBe('FORBIDDEN');
    expect(extensions?.failures).toEqual(
      ['KR1', 'KR2', 'JP1'].map((region) => ({
        region,
        requestId: expect.stringMatching(/^req-/),
        code: 'FORBIDDEN',
        message: expect.any(String),
        retryAfter: null,
      })),
    );
  }
  remove();
  stack.simulator.inject({ kind: 'status', status: 500, region: 'jp1' });
  const mixed = await stack.query('{ storageSummary { total { count } } }');
  expect(mixed.errors?.[0]?.extensions?.code).toBe('UPSTREAM_UNAVAILABLE');
});

test('without a token the field fails with UNAUTHENTICATED, and no call is made', async () => {
  const { errors } = await stack.query('{ volumes { nodes { id } } }', { headers: { 'x-auth-token': '' } });
  expect(errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
  expect(stack.calls()).toEqual([]);
});

test('a region without credentials is a failure of that region', async () => {
  await using own = await startStack({ environment: { REGIONS_OWN_IDENTITY: 'kr2' } });
  const { volumes } = await own.data(
    '{ volumes { nodes { id } failures { region { code } code } pageInfo { hasNextPage } } }',
  );
  expect(volumes).toMatchObject({
    failures: [{ region: { code: 'KR2' }, code: 'UNAUTHENTICATED' }],
    pageInfo: { hasNextPage: true },
  });
});

test('a region that is down costs the page its own rows alone', async () => {
  await using down = await startStack({
    regions: [{ code: 'kr1' }, { code: 'kr2', down: true }, { code: 'jp1' }],
    seed: true,
  });
  const { volumes, storageSummary } = await down.data(
    '{ volumes { nodes { region { code } } failures { region { code } code } } storageSummary { byRegion { region { code } } failures { region { code } } } }',
  );
  expect(new Set(volumes.nodes.map(({ region }: { region: { code: string } }) => region.code))).toEqual(
    new Set(['KR1', 'JP1']),
  );
  expect(volumes.failures).toEqual([{ region: { code: 'KR2' }, code: 'UPSTREAM_UNAVAILABLE' }]);
  expect(storageSummary).toEqual({
    byRegion: [{ region: { code: 'KR1' } }, { region: { code: 'JP1' } }],
    failures: [{ region: { code: 'KR2' } }],
  });
});

test('without a token the next page fails with UNAUTHENTICATED; without one region’s, that region does', async () => {
  fill();
  stack.simulator.store('jp1').addVolume(alice.tenant);
  const page =
    'query($after: String) { volumes(first: 1, after: $after) { nodes { status } pageInfo { endCursor } failures { region { code } code } } }';
  const { volumes } = await stack.data(page);
  const variables = { after: volumes.pageInfo.endCursor };
  const { errors } = await stack.query(page, { variables, headers: { 'x-auth-token': '' } });
  expect(errors?.[0]?.extensions?.code).toBe('UNAUTHENTICATED');
  const { volumes: rest } = await stack.data(page, {
    variables,
    headers: { 'x-auth-token': '', 'x-auth-token-kr1': alice.token, 'x-auth-token-kr2': alice.token },
  });
  expect(rest.failures).toEqual([{ region: { code: 'JP1' }, code: 'UNAUTHENTICATED' }]);
});

test('a region that is slow page after page leaves the others their time: the page may come short', async () => {
  await using slow = await startStack({
    regions: ['kr1', 'kr2', 'jp1'].map((code) => ({ code, maxLimit: 10 })),
    environment: { REQUEST_TIMEOUT_MS: '2000', UPSTREAM_TIMEOUT_MS: '900' },
  });
  for (const code of ['kr1', 'kr2', 'jp1'])
    for (let index = 0; index < 100; index++) slow.simulator.store(code).addVolume(alice.tenant);
  slow.simulator.inject({ kind: 'delay', ms: 500, region: 'kr2' });
  const { volumes } = await slow.data(
    '{ volumes(first: 300) { nodes { status } pageInfo { hasNextPage endCursor } } }',
  );
  expect(volumes.nodes.length).toBeGreaterThan(0);
  expect(volumes.pageInfo).toEqual({ hasNextPage: true, endCursor: expect.any(String) });
});
