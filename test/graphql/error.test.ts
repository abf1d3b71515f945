import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CannedAnswer, type CannedUpstream, startCanned } from '../support/canned.ts';
import { type GatewayUnderTest, startGateway, startStack } from '../support/stack.ts';

/*
 * What each kind of refusal means to a caller (FACTS 1 to 8). The answers are the recorded ones of a real Cinder,
 * and those that an older one or a proxy in front may give.
 */

const uuid = '17975e9d-1533-40db-bd02-2072cd2ccb7f';

let upstream: CannedUpstream;
let gateway: GatewayUnderTest;
let answer: CannedAnswer;

beforeAll(async () => {
  upstream = await startCanned(() => answer);
  gateway = await startGateway({ kr1: upstream.endpoint });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const read = `{ result: volume(id: "${uuid}", region: KR1) { status } }`;
const list = '{ region(code: KR1) { result: volumes { nodes { status } } } }';
const remove = `mutation { result: deleteVolume(input: { id: "${uuid}", region: KR1 }) { deletedVolumeId } }`;
const create = 'mutation { result: createVolume(input: { region: KR1, size: 1 }) { volume { id } } }';
const upload = `mutation { result: uploadVolumeToImage(input: { volumeId: "${uuid}", region: KR1, imageName: "i" }) { image { imageId } } }`;

const fault = (status: number, name: string, message: string, headers?: Record<string, string>): CannedAnswer => ({
  status,
  body: { [name]: { code: status, message } },
  ...(headers ? { headers } : {}),
});
const html = (status: number, text: string): CannedAnswer => ({ status, body: `<html><body>${text}</body></html>` });
const unauthorized = {
  error: { code: 401, title: 'Unauthorized', message: 'The request you have made requires authentication.' },
};
const conflict =
  'Invalid volume: Volume status must be available or error or error_restoring or error_extending or error_managing and must not be migrating, attached, belong to a group, have snapshots or be disassociated from snapshots after volume transfer.';
const glance =
  "Connection to glance failed: Error finding address for http://127.0.0.1:19292/v2/schemas/image: HTTPConnectionPool(host='127.0.0.1', port=19292): Max retries exceeded";

test.each<[string, string, CannedAnswer, Record<string, unknown>]>([
  ['401 in JSON', list, { status: 401, body: unauthorized }, { code: 'UNAUTHENTICATED' }],
  ['401 in HTML', list, html(401, 'Unauthorized'), { code: 'UNAUTHENTICATED' }],
  [
    '401 as plain text',
    list,
    { status: 401, body: 'Authentication required', headers: { 'content-type': 'text/plain' } },
    { code: 'UNAUTHENTICATED' },
  ],
  ['403', upload, fault(403, 'forbidden', 'Policy doesn’t allow it.'), { code: 'FORBIDDEN' }],
  ['403 in HTML', list, html(403, 'Forbidden'), { code: 'FORBIDDEN' }],
  ['404 in HTML', read, html(404, 'Not Found'), { code: 'UPSTREAM_ERROR' }],
  ['404 of another fault', read, fault(404, 'resourceGone', 'gone'), { code: 'UPSTREAM_ERROR' }],
  [
    '404 itemNotFound to a write',
    remove,
    fault(404, 'itemNotFound', 'Volume x could not be found.'),
    { code: 'NOT_FOUND' },
  ],
  [
    '400 for another tenant’s path',
    list,
    fault(400, 'badRequest', 'Malformed request url'),
    { code: 'TENANT_MISMATCH' },
  ],
  ['400 for a volume in use', remove, fault(400, 'badRequest', conflict), { code: 'CONFLICT' }],
  [
    '400 for a snapshot not ready',
    create,
    fault(400, 'badRequest', 'Invalid snapshot: Originating snapshot status must be one of'),
    { code: 'CONFLICT' },
  ],
  [
    'any 400 to a delete (Liberty’s words)',
    remove,
    fault(400, 'badRequest', 'Volume still has 2 dependent snapshots'),
    { code: 'CONFLICT' },
  ],
  [
    'any other 400',
    create,
    fault(400, 'badRequest', "Availability zone 'x' is invalid."),
    { code: 'BAD_USER_INPUT', argument: ['input', 'availabilityZone'] },
  ],
  ['400 when the image service is down', upload, fault(400, 'badRequest', glance), { code: 'UPSTREAM_ERROR' }],
  ['409', create, fault(409, 'conflictingRequest', 'busy'), { code: 'CONFLICT' }],
  [
    '413 for the count of volumes',
    create,
    fault(
      413,
      'overLimit',
      "VolumeLimitExceeded: Maximum number of volumes allowed (2) exceeded for quota 'volumes'.",
      { 'retry-after': '0' },
    ),
    { code: 'QUOTA_EXCEEDED' },
  ],
  [
    '413 for too many requests',
    list,
    fault(413, 'overLimit', 'This request was rate-limited.', { 'retry-after': '12' }),
    { code: 'RATE_LIMITED', retryAfter: 12 },
  ],
  ['413 in HTML', create, html(413, 'Request is too large.'), { code: 'PAYLOAD_TOO_LARGE' }],
  ['429', list, fault(429, 'overLimit', 'slow down', { 'retry-after': '7' }), { code: 'RATE_LIMITED', retryAfter: 7 }],
  ['415', create, fault(415, 'badMediaType', 'Unsupported Content-Type'), { code: 'UPSTREAM_ERROR' }],
  [
    'a redirect',
    list,
    { status: 302, headers: { location: 'http://127.0.0.1:1/' }, body: '' },
    { code: 'UPSTREAM_ERROR' },
  ],
  ['500', list, fault(500, 'computeFault', 'The server has erred at 10.0.0.5'), { code: 'UPSTREAM_ERROR' }],
  ['502 of a proxy', list, html(502, 'Bad Gateway'), { code: 'UPSTREAM_UNAVAILABLE' }],
  ['503 in HTML', list, html(503, 'Keystone is down'), { code: 'UPSTREAM_UNAVAILABLE' }],
  ['504 of a proxy', list, html(504, 'Gateway Timeout'), { code: 'UPSTREAM_TIMEOUT' }],
  ['504 to a write', create, html(504, 'Gateway Timeout'), { code: 'UPSTREAM_TIMEOUT', outcomeUnknown: true }],
  ['200 with HTML', list, html(200, 'Welcome'), { code: 'UPSTREAM_ERROR' }],
  [
    '200 with half of its JSON',
    list,
    { body: '{"volumes": [{"id"', headers: { 'content-type': 'application/json' } },
    { code: 'UPSTREAM_ERROR' },
  ],
  ['200 with other JSON', list, { body: { servers: [] } }, { code: 'UPSTREAM_ERROR' }],
  [
    '200 with null',
    list,
    { body: 'null', headers: { 'content-type': 'application/json' } },
    { code: 'UPSTREAM_ERROR' },
  ],
  ['200 with nothing', list, { body: '' }, { code: 'UPSTREAM_ERROR' }],
  [
    '202 without the created volume',
    create,
    { status: 202, body: {} },
    { code: 'UPSTREAM_ERROR', outcomeUnknown: true },
  ],
])('%s', async (_, query, canned, expected) => {
  answer = canned;
  const { data, errors } = await gateway.query(query);
  expect(data.result ?? data.region?.result ?? null).toBeNull();
  expect(errors).toHaveLength(1);
  const { message, extensions } = errors?.[0] ?? {};
  expect(extensions).toEqual({
    ...expected,
    region: 'KR1',
    upstream: { status: canned.status ?? 200, requestId: 'req-canned' },
  });
  expect(message).not.toMatch(/<html>|127\.0\.0\.1|19292|10\.0\.0\.5|Keystone/);
});

test.each([
  'BackupLimitExceeded',
  'GroupLimitExceeded',
  'ImageLimitExceeded',
  'QuotaError',
  'QuotaUsageOverflow',
  'SnapshotLimitExceeded',
  'UnexpectedOverQuota',
  'VolumeBackupSizeExceedsAvailableQuota',
  'VolumeLimitExceeded',
  'VolumeSizeExceedsAvailableQuota',
  'VolumeSizeExceedsLimit',
])('413 %s is QUOTA_EXCEEDED, in any language', async (name) => {
  for (const words of ['Maximum number exceeded', '최대 개수를 초과했습니다']) {
    answer = fault(413, 'overLimit', `${name}: ${words}`, { 'retry-after': '0' });
    const { errors } = await gateway.query(create);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'QUOTA_EXCEEDED' });
    expect(errors?.[0]?.extensions).not.toHaveProperty('retryAfter');
  }
});

test('413 of a name that only begins like a quota’s is RATE_LIMITED', async () => {
  answer = fault(413, 'overLimit', 'VolumeLimitExceededness: slow down', { 'retry-after': '3' });
  expect((await gateway.query(create)).errors?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED', retryAfter: 3 });
});

test('messages are asked for in English', async () => {
  answer = { body: { volumes: [] } };
  await gateway.data(list);
  await gateway.query(create);
  expect(upstream.requests.slice(-2).map(({ headers }) => headers['accept-language'])).toEqual(['en', 'en']);
});

test('the request id of old releases is told too', async () => {
  answer = {
    ...fault(403, 'forbidden', 'no'),
    headers: { 'x-openstack-request-id': '', 'x-compute-request-id': 'req-old' },
  };
  expect((await gateway.query(list)).errors?.[0]?.extensions).toMatchObject({ upstream: { requestId: 'req-old' } });
});

test.each<[string, CannedAnswer]>([
  ['404 in HTML', html(404, 'Not Found')],
  ['200 in HTML', html(200, 'Welcome')],
  ['a redirect', { status: 301, headers: { location: '/' }, body: '' }],
])('%s has the operator check the endpoint, in the log alone and once a minute', async (_, other) => {
  answer = other;
  await using own = await startGateway({ kr1: upstream.endpoint });
  for (let asked = 0; asked < 3; asked++) expect((await own.query(list)).errors?.[0]?.message).not.toContain('REGIONS');
  expect(own.log.filter((line) => line.includes('check the endpoint in REGIONS'))).toHaveLength(1);
});

describe('an answer to a write that does not prove that nothing was done has outcomeUnknown', () => {
  const json = (status: number, body: unknown): CannedAnswer => ({ status, body });
  const unreadable = (status: number): CannedAnswer => ({
    status,
    body: '{"badRequest": ',
    headers: { 'content-type': 'application/json' },
  });
  test.each<[string, CannedAnswer, boolean]>([
    ['200 with HTML', html(200, 'Welcome'), true],
    ['301', { status: 301, headers: { location: '/x' }, body: '' }, true],
    ['307', { status: 307, headers: { location: '/x' }, body: '' }, true],
    ['400 badRequest', fault(400, 'badRequest', 'bad'), false],
    ['400 that cannot be read', unreadable(400), true],
    ['401', json(401, unauthorized), false],
    ['401 in HTML', html(401, 'Unauthorized'), false],
    ['403', fault(403, 'forbidden', 'no'), false],
    ['404 itemNotFound', fault(404, 'itemNotFound', 'gone'), false],
    ['404 in HTML', html(404, 'Not Found'), false],
    ['404 that cannot be read', unreadable(404), true],
    ['408', { status: 408, body: '' }, true],
    ['409', fault(409, 'conflictingRequest', 'busy'), false],
    ['413 of a quota', fault(413, 'overLimit', 'VolumeLimitExceeded: Maximum'), false],
    ['413 in HTML', html(413, 'too large'), false],
    ['415', fault(415, 'badMediaType', 'no'), false],
    ['418', html(418, 'teapot'), true],
    ['429', fault(429, 'overLimit', 'slow down'), false],
    ['500', fault(500, 'computeFault', 'x'), true],
    ['502', html(502, 'Bad Gateway'), true],
    ['503', html(503, 'Unavailable'), true],
    ['520', html(520, 'Unknown'), true],
    ['524', html(524, 'Timeout'), true],
  ])('%s', async (_, canned, isUnknown) => {
    answer = canned;
    for (const write of [create, remove, upload]) {
      const [error] = (await gateway.query(write)).errors ?? [];
      expect(error?.extensions?.outcomeUnknown ?? false).toBe(isUnknown);
      expect(error?.message.includes('may have been carried out')).toBe(isUnknown);
    }
    const many = `mutation { deleteVolumes(input: { ids: ["${uuid}"], region: KR1 }) { results { error { outcomeUnknown } } } }`;
    expect((await gateway.data(many)).deleteVolumes.results[0].error).toEqual({ outcomeUnknown: isUnknown });
  });
});

test('404 itemNotFound to a lookup is null, and no error', async () => {
  answer = fault(404, 'itemNotFound', 'Volume could not be found.');
  expect(await gateway.data(read)).toEqual({ result: null });
});

test('the upstream’s own words are passed on where they help, without addresses', async () => {
  answer = fault(400, 'badRequest', "Availability zone 'nowhere' is invalid.");
  expect((await gateway.query(create)).errors?.[0]?.message).toBe("Availability zone 'nowhere' is invalid.");
  answer = fault(
    403,
    'forbidden',
    'ask https://keystone.internal:5000/v3 or 10.1.2.3:80, [fe80::1]:8776 or db.internal:3306, cinder-volume01:8776 and glance.internal.corp at host=inner',
  );
  expect((await gateway.query(create)).errors?.[0]?.message).not.toMatch(
    /keystone|10\.1|fe80|db\.internal|cinder-volume|corp|inner$/,
  );
});

describe('when no answer comes', () => {
  test.each([
    ['reset', 'UPSTREAM_UNAVAILABLE'],
    ['halfBody', 'UPSTREAM_UNAVAILABLE'],
    ['hang', 'UPSTREAM_TIMEOUT'],
  ] as const)('%s fails a read with %s, and a write with outcomeUnknown and advice', async (kind, code) => {
    await using stack = await startStack({ environment: { UPSTREAM_TIMEOUT_MS: '200' } });
    stack.simulator.inject({ kind });
    const { errors } = await stack.query(list);
    expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code, region: 'KR1' }]);
    const written = await stack.query(create);
    expect(written.errors?.map(({ extensions }) => extensions)).toEqual([
      { code, region: 'KR1', outcomeUnknown: true },
    ]);
    expect(written.errors?.[0]?.message).toContain('may have been carried out');
    expect(stack.calls().filter((call) => call.startsWith('POST'))).toHaveLength(1);
  });

  test('a region that nobody listens for is UPSTREAM_UNAVAILABLE, and a write to it is known not to be done', async () => {
    const gone = await startCanned(() => ({}));
    await gone[Symbol.asyncDispose]();
    await using gateway = await startGateway({ kr1: gone.endpoint });
    for (const query of [list, create]) {
      const { errors } = await gateway.query(query);
      expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code: 'UPSTREAM_UNAVAILABLE', region: 'KR1' }]);
    }
  });

  test('the deadline of the whole request ends a read of many pages', async () => {
    await using stack = await startStack({
      regions: [{ code: 'kr1', maxLimit: 1 }],
      environment: { REQUEST_TIMEOUT_MS: '300' },
    });
    for (let index = 0; index < 60; index++) stack.simulator.store('kr1').addVolume('6cdebe3eb0094910bc41f1d42ebe4cb7');
    stack.simulator.inject({ kind: 'delay', ms: 20 });
    const { errors } = await stack.query(list);
    expect(errors?.[0]?.extensions).toEqual({ code: 'UPSTREAM_TIMEOUT', region: 'KR1' });
    expect(stack.calls().length).toBeLessThan(50);
  });
});

test('one failed region fails alone', async () => {
  await using stack = await startStack();
  stack.simulator.inject({ kind: 'html', region: 'kr2' });
  const { data, errors } = await stack.query(
    '{ a: region(code: KR1) { volumes { nodes { status } } } b: region(code: KR2) { volumes { nodes { status } } snapshots { nodes { name } } } }',
  );
  expect(data).toEqual({ a: { volumes: { nodes: [] } }, b: { volumes: null, snapshots: null } });
  expect(errors).toHaveLength(2);
});

test('one failed call behind many objects is told a few times, and the list says so', async () => {
  await using stack = await startStack();
  for (let index = 0; index < 60; index++) {
    stack.simulator.store('kr1').addVolume('6cdebe3eb0094910bc41f1d42ebe4cb7', { volume_type: 'General SSD' });
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

test('a broken query has GraphQL’s own code', async () => {
  const send = async (query: string) => JSON.parse((await post(query)).text);
  const post = (query: string) =>
    gateway.fetch('/graphql', {
      method: 'POST',
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ query }),
    });
  expect((await send('{')).errors[0].extensions.code).toBe('GRAPHQL_PARSE_FAILED');
  expect((await send('{ nothing }')).errors[0].extensions.code).toBe('GRAPHQL_VALIDATION_FAILED');
});

test('a mistake that is made once and asked of every object is told a few times only', async () => {
  await using stack = await startStack();
  for (let index = 0; index < 60; index++) stack.simulator.store('kr1').addVolume('6cdebe3eb0094910bc41f1d42ebe4cb7');
  const { errors } = await stack.query(
    '{ region(code: KR1) { volumes(first: 60) { nodes { status snapshots(after: "x") { nodes { id } } } } } }',
  );
  expect(errors).toHaveLength(11);
});

test('a long message of a region costs no time', async () => {
  answer = fault(400, 'badRequest', 'a.'.repeat(500_000));
  const { errors } = await gateway.query(create);
  expect(errors?.[0]?.message.length).toBeLessThanOrEqual(500);
});
