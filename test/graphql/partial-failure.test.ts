import { afterEach, beforeEach, expect, test } from 'vitest';
import { linesOf } from '../support/log.ts';
import { alice, type Stack, startStack } from '../support/stack.ts';

/*
 * A region that fails while others answer is told at the top of the result, whether or not `failures` is selected.
 * What fails once behind many objects is told a few times.
 */

let stack: Stack;

beforeEach(async () => {
  stack = await startStack();
});

afterEach(() => stack[Symbol.asyncDispose]());

const requestId = expect.stringMatching(/^req-/);
const log = () => linesOf(stack.log).filter(({ hash }) => hash);

test('a region that failed stands in extensions.failures, in the log line and in the metrics', async () => {
  stack.simulator.inject({ kind: 'status', status: 403, region: 'kr2' });
  const { data, errors, extensions } = await stack.query('{ mine: volumes { nodes { uuid } } }');
  expect(errors).toBeUndefined();
  expect(data).toEqual({ mine: { nodes: [] } });
  expect(extensions?.failures).toEqual([
    { path: ['mine'], region: 'KR2', code: 'FORBIDDEN', message: expect.any(String), requestId, retryAfter: null },
  ]);
  expect(log().at(-1)?.errorCodes).toEqual(['FORBIDDEN']);
  expect((await stack.fetch('/metrics')).text).toContain('gateway_errors_total{code="FORBIDDEN"} 1\n');
});

test.each([
  ['volumes { totalCount failures { code } }', ['volumes']],
  ['snapshots { nodes { uuid } }', ['snapshots']],
  ['volumeTypes { nodes { uuid } }', ['volumeTypes']],
  ['storageSummary { total { count } }', ['storageSummary']],
])('{ %s } tells of it once', async (field, path) => {
  stack.simulator.inject({ kind: 'status', status: 500, region: 'jp1' });
  const { errors, extensions } = await stack.query(`{ ${field} }`);
  expect(errors).toBeUndefined();
  expect(extensions?.failures).toMatchObject([{ path, region: 'JP1', code: 'UPSTREAM_ERROR' }]);
});

test('only the count failed: that is told too', async () => {
  for (let index = 0; index < 3; index++) stack.simulator.store('kr1').addVolume(alice.tenant);
  const first = await stack.data('{ volumes(first: 1) { pageInfo { endCursor } } }');
  const { endCursor } = first.volumes.pageInfo;
  stack.simulator.inject({ kind: 'status', status: 500, region: 'kr2' });
  const { data, extensions } = await stack.query(
    'query($after: String) { volumes(first: 1, after: $after) { totalCount nodes { uuid } } }',
    { variables: { after: endCursor } },
  );
  expect(data.volumes.totalCount).toBe(3);
  expect(extensions?.failures).toMatchObject([{ path: ['volumes'], region: 'KR2' }]);
});

test('nothing is told where nothing failed, nor what is an error of its field', async () => {
  expect((await stack.query('{ volumes { nodes { uuid } } }')).extensions).toBeUndefined();
  stack.simulator.inject({ kind: 'status', status: 403, region: 'kr2' });
  const { errors, extensions } = await stack.query('{ region(code: KR2) { volumes { totalCount nodes { uuid } } } }');
  expect(errors).toHaveLength(1);
  expect(extensions).toBeUndefined();
});

test('RegionFailure has the upstream’s request id, and how long a region is left alone', async () => {
  const query = '{ volumes { failures { region { code } code requestId retryAfter } } }';
  const lift = stack.simulator.inject({ kind: 'status', status: 403, region: 'kr2' });
  expect((await stack.data(query)).volumes.failures).toEqual([
    { region: { code: 'KR2' }, code: 'FORBIDDEN', requestId, retryAfter: null },
  ]);
  lift();
  stack.simulator.inject({ kind: 'reset', region: 'kr2' });
  let failure = (await stack.data(query)).volumes.failures[0];
  for (let asked = 0; asked < 40 && failure.retryAfter === null; asked++)
    failure = (await stack.data(query)).volumes.failures[0];
  expect(failure).toMatchObject({ code: 'UPSTREAM_UNAVAILABLE', requestId: null, retryAfter: expect.any(Number) });
});

test('a forgotten header is one error without a list of regions', async () => {
  for (const [headers, code, message] of [
    [{ 'x-auth-token': '' }, 'UNAUTHENTICATED', 'There is no token. Send it as X-Auth-Token.'],
    [{ 'x-tenant-id': '' }, 'TENANT_REQUIRED', 'There is no tenant. Send it as X-Tenant-Id.'],
  ] as const) {
    const { errors } = await stack.query('{ volumes { nodes { uuid } } }', { headers });
    expect(errors?.map(({ message, extensions }) => [message, extensions])).toEqual([[message, { code }]]);
  }
});

test('the same reason of several regions is said once', async () => {
  stack.simulator.inject({ kind: 'status', status: 500 });
  const { errors } = await stack.query('{ volumes { nodes { uuid } } }');
  expect(errors?.[0]?.message).toBe(
    'No region answered. Region KR1 answered 500. Try again later. The same goes for KR2 and JP1.',
  );
  expect(errors?.[0]?.extensions?.failures).toHaveLength(3);
});

test('at the end of a walk the error says that the rest is in the region that fails', async () => {
  stack.simulator.store('kr1').addVolume(alice.tenant);
  stack.simulator.inject({ kind: 'status', status: 403, region: 'kr2' });
  const query =
    'query($after: String) { volumes(after: $after) { nodes { uuid } pageInfo { hasNextPage endCursor } } }';
  const { volumes } = await stack.data(query);
  expect(volumes.pageInfo.hasNextPage).toBe(true);
  const { errors } = await stack.query(query, { variables: { after: volumes.pageInfo.endCursor } });
  expect(errors?.[0]?.message).toMatch(/^The rest of this list could not be read\. /);
  expect(errors?.[0]?.extensions?.failures).toMatchObject([{ region: 'KR2', code: 'FORBIDDEN' }]);
});

test('a result of a bulk deletion has the request id and the time to wait', async () => {
  const { id } = stack.simulator.store('kr1').addVolume(alice.tenant);
  stack.simulator.inject({ kind: 'status', status: 429, method: 'DELETE', headers: { 'Retry-After': '7' } });
  const { deleteVolumes } = await stack.data(
    `mutation { deleteVolumes(input: { ids: ["${id}"], region: KR1 }) { results { error { code requestId retryAfter } } } }`,
  );
  expect(deleteVolumes.results).toEqual([{ error: { code: 'RATE_LIMITED', requestId, retryAfter: 7 } }]);
});

test('one failed region fails alone', async () => {
  stack.simulator.inject({ kind: 'html', region: 'kr2' });
  const { data, errors } = await stack.query(
    '{ a: region(code: KR1) { volumes { nodes { status } } } b: region(code: KR2) { volumes { nodes { status } } snapshots { nodes { name } } } }',
  );
  expect(data).toEqual({ a: { volumes: { nodes: [] } }, b: { volumes: null, snapshots: null } });
  expect(errors).toHaveLength(2);
});

test('one failed call behind many objects is told a few times, and the list says so', async () => {
  for (let index = 0; index < 60; index++) {
    stack.simulator.store('kr1').addVolume(alice.tenant, { volume_type: 'General SSD' });
  }
  stack.simulator.inject({ kind: 'status', status: 500, path: /types/ });
  stack.simulator.inject({ kind: 'status', status: 403, path: /snapshots/ });
  const { data, errors } = await stack.query(
    '{ region(code: KR1) { volumes(first: 60) { nodes { status volumeType { name } snapshots { nodes { name } } } } } }',
  );
  expect(data.region.volumes.nodes).toHaveLength(60);
  const codes = (code: string) => errors?.filter(({ extensions }) => extensions?.code === code) ?? [];
  for (const code of ['UPSTREAM_ERROR', 'FORBIDDEN']) {
    expect(codes(code)).toHaveLength(11);
    expect(codes(code).at(-1)?.message).toMatch(/^50 more errors of this cause are not listed: /);
  }
});

test('a mistake that is made once and asked of every object is told a few times only', async () => {
  for (let index = 0; index < 60; index++) stack.simulator.store('kr1').addVolume(alice.tenant);
  const { errors } = await stack.query(
    '{ region(code: KR1) { volumes(first: 60) { nodes { status snapshots(after: "x") { nodes { id } } } } } }',
  );
  expect(errors).toHaveLength(11);
});
