import { once } from 'node:events';
import { request as httpRequest, type IncomingMessage } from 'node:http';
import { text } from 'node:stream/consumers';
import { afterAll, beforeAll, beforeEach, expect, test } from 'vitest';
import { alice, bob } from '../support/stack.ts';
import { stack, start, stop } from './request.ts';

/* Requests with headers that mean no good: nothing is asked of a region, and no page is told what it may not know. */

beforeAll(start);
beforeEach(() => stack.simulator.clearRequests());
afterAll(stop);

test('a page of an origin that is not allowed gets no header that lets it read the answer', async () => {
  const { headers } = await stack.fetch('/graphql?query={__typename}', { headers: { origin: 'https://evil.example' } });
  expect(headers.get('access-control-allow-origin')).toBeNull();
});

test.each(['../../etc', '<script>', 'r'.repeat(65), 'a, b'])('the request id %s is not told again', async (id) => {
  const { headers } = await stack.fetch('/graphql?query={__typename}', { headers: { 'x-request-id': id } });
  expect(headers.get('x-request-id')).toMatch(/^[0-9a-f-]{36}$/);
  expect(stack.log.join('')).not.toContain(`"requestId":"${id}"`);
});

test.each([
  [
    'different tokens',
    [
      ['X-Auth-Token', alice.token],
      ['X-Auth-Token', bob.token],
    ],
  ],
  [
    'the same token twice',
    [
      ['X-Auth-Token', alice.token],
      ['X-Auth-Token', alice.token],
    ],
  ],
  [
    'two tenants',
    [
      ['X-Auth-Token', alice.token],
      ['X-Tenant-Id', alice.tenant],
      ['X-Tenant-Id', bob.tenant],
    ],
  ],
  [
    'a token and another bearer',
    [
      ['X-Auth-Token', alice.token],
      ['Authorization', `Bearer ${bob.token}`],
    ],
  ],
  [
    'a tenant with a way out',
    [
      ['X-Auth-Token', alice.token],
      ['X-Tenant-Id', '../admin'],
    ],
  ],
  [
    'a token of 12,000 letters and no tenant that is one',
    [
      ['X-Auth-Token', 't'.repeat(12_000)],
      ['X-Tenant-Id', 'a b'],
    ],
  ],
] as const)('%s: nothing is asked of a region', async (_, headers) => {
  const { port } = new URL(stack.url);
  const body = '{"query":"{ region(code: KR1) { volumes { nodes { id } } } }"}';
  const flat = [
    ...headers.flat(),
    'Host',
    'x',
    'Content-Type',
    'application/json',
    'Content-Length',
    String(body.length),
  ];
  const request = httpRequest({ port, path: '/graphql', method: 'POST', headers: flat });
  request.end(body);
  const [response]: IncomingMessage[] = await once(request, 'response');
  const received = response ? await text(response) : '';
  expect(JSON.parse(received).errors[0].extensions.code).toBe('BAD_USER_INPUT');
  expect(received).not.toMatch(/secret-token|tttt/);
  expect(stack.calls()).toEqual([]);
});

test.each(['https://evil.example', 'null', 'https://console.example.evil', 'https://console.example:444'])(
  'a page of %s is not told that it may ask',
  async (origin) => {
    const { status, headers } = await stack.fetch('/graphql', {
      method: 'OPTIONS',
      headers: { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': 'x-auth-token' },
    });
    expect(status).toBe(204);
    expect(headers.get('access-control-allow-origin')).toBeNull();
    expect(headers.get('access-control-allow-headers')).toBeNull();
  },
);

test('a page that is allowed is told so before it asks, for its headers, and can read what matters', async () => {
  const origin = 'https://console.example';
  const asked = {
    'access-control-request-method': 'POST',
    'access-control-request-headers': 'content-type,x-auth-token',
  };
  const preflight = await stack.fetch('/graphql', { method: 'OPTIONS', headers: { origin, ...asked } });
  expect(preflight.headers.get('access-control-allow-origin')).toBe(origin);
  expect(preflight.headers.get('access-control-allow-methods')).toBe('GET, POST');
  expect(preflight.headers.get('access-control-allow-headers')).toBe('content-type,x-auth-token');
  expect(preflight.headers.get('access-control-allow-credentials')).toBeNull();
  const { headers } = await stack.fetch('/graphql?query={__typename}', { headers: { origin } });
  expect(headers.get('access-control-expose-headers')).toContain('X-Request-Id');
  expect(headers.get('vary')).toContain('Origin');
});
