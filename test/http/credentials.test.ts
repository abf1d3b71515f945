import { request } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { alice, bob, type Stack, startStack } from '../support/stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
  for (const { tenant } of [alice, bob]) stack.simulator.store('kr1').addVolume(tenant, { name: `of ${tenant}` });
});

afterAll(() => stack[Symbol.asyncDispose]());
beforeEach(() => stack.simulator.clearRequests());

const volumes = '{ region(code: KR1) { volumes { nodes { name tenantId } } } }';

/** Sends headers exactly as they stand, repeated ones too. */
async function sendRaw(headers: string[], query = volumes) {
  const response = await new Promise<import('node:http').IncomingMessage>((resolve, reject) => {
    const sent = request(
      `${stack.url}/graphql`,
      { method: 'POST', headers: ['Content-Type', 'application/json', 'Host', 'gateway', ...headers] },
      resolve,
    );
    sent.on('error', reject);
    sent.end(JSON.stringify({ query }));
  });
  return JSON.parse(await text(response));
}

const token = ['X-Auth-Token', alice.token];
const tenant = ['X-Tenant-Id', alice.tenant];

test.each([
  ['X-Auth-Token', token],
  ['Authorization: Bearer', ['Authorization', `Bearer ${alice.token}`]],
  ['authorization: bearer, in lower case', ['authorization', `bearer ${alice.token}`]],
  ['both, when they are the same', [...token, 'Authorization', `Bearer ${alice.token}`]],
  ['the region’s own X-Auth-Token-KR1, in any case', ['x-auth-token-Kr1', alice.token, 'X-Auth-Token', 'another']],
])('the token is taken from %s and goes upstream unchanged', async (_, headers) => {
  const { data } = await sendRaw([...headers, ...tenant]);
  expect(data.region.volumes.nodes).toHaveLength(1);
  expect(stack.simulator.requests.map(({ headers }) => headers['x-auth-token'])).toEqual([alice.token]);
});

test('a region’s own tenant wins', async () => {
  const { data } = await sendRaw([
    'X-Auth-Token',
    bob.token,
    'X-Tenant-Id',
    alice.tenant,
    'X-Tenant-Id-KR1',
    bob.tenant,
  ]);
  expect(data.region.volumes.nodes).toEqual([{ name: `of ${bob.tenant}`, tenantId: bob.tenant }]);
});

test.each<[string, string[], string]>([
  ['no token', tenant, 'UNAUTHENTICATED'],
  ['neither token nor tenant', [], 'UNAUTHENTICATED'],
  ['an empty token', ['X-Auth-Token', '', ...tenant], 'UNAUTHENTICATED'],
  ['a token that no header can hold', ['X-Auth-Token', 'tökén', ...tenant], 'UNAUTHENTICATED'],
  ['a token but no tenant', token, 'TENANT_REQUIRED'],
  ['a repeated token', [...token, ...token, ...tenant], 'BAD_USER_INPUT'],
  ['a repeated tenant', [...token, ...tenant, ...tenant], 'BAD_USER_INPUT'],
  ['two different tokens', [...token, ...tenant, 'Authorization', 'Bearer another'], 'BAD_USER_INPUT'],
  ['a repeated Authorization', ['Authorization', 'Bearer a', 'Authorization', 'Bearer b', ...tenant], 'BAD_USER_INPUT'],
  ['a tenant that climbs', [...token, 'X-Tenant-Id', '..'], 'BAD_USER_INPUT'],
  ['an encoded one', [...token, 'X-Tenant-Id', '%2e%2e'], 'BAD_USER_INPUT'],
  ['a tenant with a slash', [...token, 'X-Tenant-Id', 'a/b'], 'BAD_USER_INPUT'],
  ['a tenant with a query', [...token, 'X-Tenant-Id', 'a?x=1'], 'BAD_USER_INPUT'],
  ['two tenants in one header', [...token, 'X-Tenant-Id', `${alice.tenant}, ${bob.tenant}`], 'BAD_USER_INPUT'],
  ['a tenant of 65 characters', [...token, 'X-Tenant-Id', 'a'.repeat(65)], 'BAD_USER_INPUT'],
  ['a tenant with an emoji', [...token, 'X-Tenant-Id', Buffer.from('💾').toString('latin1')], 'BAD_USER_INPUT'],
])('%s is refused without a call', async (_, headers, code) => {
  const { data, errors } = await sendRaw(headers);
  expect(data).toEqual({ region: { volumes: null } });
  expect(errors.map(({ extensions }: { extensions: { code: string } }) => extensions.code)).toEqual([code]);
  expect(stack.calls()).toEqual([]);
});

test('a token that the region does not know is UNAUTHENTICATED, one of another tenant TENANT_MISMATCH', async () => {
  const unknown = await sendRaw(['X-Auth-Token', 'unknown', ...tenant]);
  expect(unknown.errors[0].extensions).toMatchObject({
    code: 'UNAUTHENTICATED',
    region: 'KR1',
    upstream: { status: 401 },
  });
  const another = await sendRaw([...token, 'X-Tenant-Id', bob.tenant]);
  expect(another.errors[0].extensions).toMatchObject({
    code: 'TENANT_MISMATCH',
    region: 'KR1',
    upstream: { status: 400 },
  });
});

test('a region with an identity of its own is never shown the general token', async () => {
  await using own = await startStack({ environment: { REGIONS_OWN_IDENTITY: 'kr2' } });
  const query =
    '{ a: region(code: KR1) { volumes { nodes { id } } } b: region(code: KR2) { volumes { nodes { id } } } }';
  const refused = await own.query(query);
  expect(refused.data).toEqual({ a: { volumes: { nodes: [] } }, b: { volumes: null } });
  expect(refused.errors?.[0]?.extensions).toEqual({ code: 'UNAUTHENTICATED', region: 'KR2' });
  expect(refused.errors?.[0]?.message).toContain('X-Auth-Token-KR2');
  expect(own.simulator.requests.map(({ region }) => region)).toEqual(['kr1']);
  const half = await own.query(query, { headers: { 'x-auth-token-kr2': bob.token } });
  expect(half.errors?.[0]?.extensions).toEqual({ code: 'TENANT_REQUIRED', region: 'KR2' });
  await own.data(query, { headers: { 'x-auth-token-kr2': bob.token, 'x-tenant-id-kr2': bob.tenant } });
  const toKr2 = own.simulator.requests.filter(({ region }) => region === 'kr2');
  expect(toKr2.map(({ headers }) => headers['x-auth-token'])).toEqual([bob.token]);
});

test('two tenants asking the same 50 times at once each see their own, and both tokens arrive', async () => {
  const callers = Array.from({ length: 50 }, (_, index) => (index % 2 === 0 ? alice : bob));
  const query =
    '{ region(code: KR1) { volumes { nodes { name tenantId volumeType { name } snapshots { nodes { name } } } } } }';
  const answers = await Promise.all(
    callers.map(({ token, tenant }) =>
      stack.data(query, { headers: { 'x-auth-token': token, 'x-tenant-id': tenant } }),
    ),
  );
  for (const [index, { region }] of answers.entries()) {
    const tenant = callers[index]?.tenant;
    expect(region.volumes.nodes).toMatchObject([{ name: `of ${tenant}`, tenantId: tenant }]);
  }
  const { requests } = stack.simulator;
  expect(requests).toHaveLength(150);
  for (const { token, tenant } of [alice, bob]) {
    const own = requests.filter(({ headers }) => headers['x-auth-token'] === token);
    expect(own).toHaveLength(75);
    for (const { path } of own) expect(path).toContain(`/v2/${tenant}/`);
  }
});

test('a row of another tenant fails the call', async () => {
  await using other = await startStack();
  const row = { id: '17975e9d-1533-40db-bd02-2072cd2ccb7f', 'os-vol-tenant-attr:tenant_id': bob.tenant };
  other.simulator.inject({
    kind: 'body',
    path: /detail/,
    body: JSON.stringify({ volumes: [row] }),
    headers: { 'content-type': 'application/json' },
  });
  const { data, errors } = await other.query(volumes);
  expect(data.region.volumes).toBeNull();
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'UPSTREAM_ERROR', region: 'KR1' });
});

test('an answer about another object than the one asked for fails the call', async () => {
  await using other = await startStack();
  const row = { id: '17975e9d-1533-40db-bd02-2072cd2ccb7f', name: 'of somebody else' };
  other.simulator.inject({ kind: 'body', path: /volumes/, body: JSON.stringify({ volume: row }) });
  const { data, errors } = await other.query(
    '{ volume(id: "27975e9d-1533-40db-bd02-2072cd2ccb7f", region: KR1) { name } }',
  );
  expect(data).toEqual({ volume: null });
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'UPSTREAM_ERROR', region: 'KR1' });
});
