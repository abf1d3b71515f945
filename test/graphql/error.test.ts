import { afterAll, beforeAll, expect, test } from 'vitest';
import type { CannedAnswer } from '../support/canned.ts';
import { startGateway } from '../support/stack.ts';
import {
  answerWith,
  conflict,
  create,
  fault,
  gateway,
  glance,
  html,
  list,
  read,
  remove,
  startRegion,
  stopRegion,
  unauthorized,
  upload,
  upstream,
} from './refusals.ts';

/*
 * What each kind of refusal means to a caller (FACTS 1 to 8). The answers are the recorded ones of a real Cinder,
 * and those that an older one or a proxy in front may give.
 */

beforeAll(startRegion);
afterAll(stopRegion);

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
  answerWith(canned);
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
    answerWith(fault(413, 'overLimit', `${name}: ${words}`, { 'retry-after': '0' }));
    const { errors } = await gateway.query(create);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'QUOTA_EXCEEDED' });
    expect(errors?.[0]?.extensions).not.toHaveProperty('retryAfter');
  }
});

test('413 of a name that only begins like a quota’s is RATE_LIMITED', async () => {
  answerWith(fault(413, 'overLimit', 'VolumeLimitExceededness: slow down', { 'retry-after': '3' }));
  expect((await gateway.query(create)).errors?.[0]?.extensions).toMatchObject({ code: 'RATE_LIMITED', retryAfter: 3 });
});

test('messages are asked for in English', async () => {
  answerWith({ body: { volumes: [] } });
  await gateway.data(list);
  await gateway.query(create);
  expect(upstream.requests.slice(-2).map(({ headers }) => headers['accept-language'])).toEqual(['en', 'en']);
});

test('the request id of old releases is told too', async () => {
  answerWith({
    ...fault(403, 'forbidden', 'no'),
    headers: { 'x-openstack-request-id': '', 'x-compute-request-id': 'req-old' },
  });
  expect((await gateway.query(list)).errors?.[0]?.extensions).toMatchObject({ upstream: { requestId: 'req-old' } });
});

test.each<[string, CannedAnswer]>([
  ['404 in HTML', html(404, 'Not Found')],
  ['200 in HTML', html(200, 'Welcome')],
  ['a redirect', { status: 301, headers: { location: '/' }, body: '' }],
])('%s has the operator check the endpoint, in the log alone and once a minute', async (_, other) => {
  answerWith(other);
  await using own = await startGateway({ kr1: upstream.endpoint });
  for (let asked = 0; asked < 3; asked++) expect((await own.query(list)).errors?.[0]?.message).not.toContain('REGIONS');
  expect(own.log.filter((line) => line.includes('check the endpoint in REGIONS'))).toHaveLength(1);
});

test('404 itemNotFound to a lookup is null, and no error', async () => {
  answerWith(fault(404, 'itemNotFound', 'Volume could not be found.'));
  expect(await gateway.data(read)).toEqual({ result: null });
});

test('the upstream’s own words are passed on where they help, without addresses', async () => {
  answerWith(fault(400, 'badRequest', "Availability zone 'nowhere' is invalid."));
  expect((await gateway.query(create)).errors?.[0]?.message).toBe("Availability zone 'nowhere' is invalid.");
  answerWith(
    fault(
      403,
      'forbidden',
      'ask https://keystone.internal:5000/v3 or 10.1.2.3:80, [fe80::1]:8776 or db.internal:3306, cinder-volume01:8776 and glance.internal.corp at host=inner',
    ),
  );
  expect((await gateway.query(create)).errors?.[0]?.message).not.toMatch(
    /keystone|10\.1|fe80|db\.internal|cinder-volume|corp|inner$/,
  );
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

test('a long message of a region costs no time', async () => {
  answerWith(fault(400, 'badRequest', 'a.'.repeat(500_000)));
  const { errors } = await gateway.query(create);
  expect(errors?.[0]?.message.length).toBeLessThanOrEqual(500);
});
