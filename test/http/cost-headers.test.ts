import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { alice, type Stack, startGateway, startStack } from '../support/stack.ts';
import { remembering } from './replay.ts';

/* What a client reads in the headers of an answer: what its query costs, and what is allowed. */

const origin = 'https://console.example';
const allowed = 'calls=150, objects=200000, values=2000000';
const list = '{ volumes(first: 20) { nodes { id name } } }';
const cost = 'calls=3, rows=20, objects=21, values=40';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ environment: { ...remembering, COST_HEADERS: 'true', CORS_ORIGINS: origin } });
  stack.simulator.store('kr1').addVolume(alice.tenant, { status: 'available' });
});

afterAll(() => stack[Symbol.asyncDispose]());

interface Sent {
  readonly query?: string;
  readonly headers?: Record<string, string>;
}

const credentials = { 'x-auth-token': alice.token, 'x-tenant-id': alice.tenant };

function post({ query = list, headers = {} }: Sent = {}, to: Pick<Stack, 'fetch'> = stack) {
  return to.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', ...credentials, ...headers },
    body: JSON.stringify({ query }),
  });
}

function get(headers: Record<string, string> = {}) {
  return stack.fetch(`/graphql?query=${encodeURIComponent(list)}`, { headers: { ...credentials, ...headers } });
}

/** `Query-Cost` and `Query-Cost-Limit`. */
function costsOf({ headers }: { readonly headers: Headers }): (string | null)[] {
  return ['query-cost', 'query-cost-limit'].map((name) => headers.get(name));
}

describe('with COST_HEADERS=true the headers are there', () => {
  test('for an answer: what was counted before, and the REST calls that were made', async () => {
    const { status, headers } = await post();
    expect(status).toBe(200);
    expect(costsOf({ headers })).toEqual([`${cost}, made=3`, allowed]);
  });

  test('as docs/operations.md shows them', async () => {
    const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
    const [, query = ''] = /^ {4}(\{ volumes.*\})$/m.exec(page) ?? [];
    const shown = ['Query-Cost', 'Query-Cost-Limit'].map((name) => new RegExp(`^${name}: (.*)$`, 'm').exec(page)?.[1]);
    for (const code of ['kr2', 'jp1', 'kr1']) {
      const { id } = stack.simulator.store(code).addVolume(alice.tenant);
      stack.simulator.store(code).addSnapshot(alice.tenant, { volume_id: id });
    }
    expect(costsOf(await post({ query }))).toEqual(shown);
  });

  test('for rows: entries of lists, however deep, and no wrappers', async () => {
    const query = '{ region(code: KR1) { volumes(first: 10) { nodes { snapshots(first: 5) { nodes { id } } } } } }';
    expect(costsOf(await post({ query }))).toEqual(['calls=1, rows=60, objects=72, values=50, made=2', allowed]);
  });

  test('for a refused query: its cost and the limits', async () => {
    const query = `{ ${Array.from({ length: 60 }, (_, index) => `v${index}: volumes(first: 1) { nodes { id } }`).join(' ')} }`;
    const answer = await post({ query });
    expect(answer.text).toContain('QUERY_TOO_COMPLEX');
    expect(costsOf(answer)).toEqual(['calls=180, rows=60, objects=120, values=60, made=0', allowed]);
  });

  test('for an answer with errors', async () => {
    const query = '{ volume(id: "nonsense", region: KR1) { id } }';
    const answer = await post({ query });
    expect(answer.text).toContain('BAD_USER_INPUT');
    expect(costsOf(answer)).toEqual(['calls=1, rows=0, objects=1, values=1, made=0', allowed]);
  });

  test('for retries, but not for calls that an open circuit refuses', async () => {
    await using gateway = await startGateway({ kr1: 'http://127.0.0.1:1' }, { COST_HEADERS: 'true' });
    const made = async () => /made=(\d+)$/.exec((await post({}, gateway)).headers.get('query-cost') ?? '')?.[1];
    expect(await made()).toBe('3');
    for (let call = 0; call < 8; call++) await made();
    expect(await made()).toBe('0');
  });

  test('for an answer from memory, and for 304', async () => {
    const known = Array.from({ length: 4 }, () => post());
    for (const answer of await Promise.all(known)) expect(costsOf(answer)).toEqual([`${cost}, made=3`, allowed]);
    for (let time = 0; time < 3; time++) expect(costsOf(await post())).toEqual([`${cost}, made=3`, allowed]);
    expect((await stack.fetch('/metrics')).text).toMatch(/^gateway_answers_known_total [1-9]/m);
    const { status, headers } = await get();
    expect(status).toBe(200);
    expect(costsOf({ headers })).toEqual([`${cost}, made=3`, allowed]);
    const same = await get({ 'if-none-match': headers.get('etag') ?? '' });
    expect(same.status).toBe(304);
    expect(costsOf(same)).toEqual([`${cost}, made=3`, allowed]);
  });

  test('for streams, at their start: an answer in parts and a subscription', async () => {
    const parts = await post({
      query: '{ regions { code } ... @defer { region(code: KR1) { volumes(first: 5) { nodes { id } } } } }',
      headers: { accept: 'multipart/mixed;incrementalSpec=v0.2, application/json' },
    });
    expect(parts.headers.get('content-type')).toMatch(/^multipart\/mixed/);
    expect(costsOf(parts)).toEqual(['calls=1, rows=15, objects=17, values=15', allowed]);
    const [volume] = stack.simulator.store('kr1').volumes(alice.tenant);
    const events = await post({
      query: `subscription { volumeUpdated(id: "${volume?.id}", region: KR1, until: [AVAILABLE]) { status } }`,
      headers: { accept: 'text/event-stream' },
    });
    expect(events.headers.get('content-type')).toMatch(/^text\/event-stream/);
    expect(costsOf(events)).toEqual(['calls=1, rows=0, objects=1, values=1', allowed]);
  });

  test('for pages of other origins that may read them', async () => {
    const { headers } = await post({ headers: { origin } });
    expect(headers.get('access-control-expose-headers')).toBe(
      'X-Request-Id, Retry-After, Traceparent, ETag, Query-Cost, Query-Cost-Limit',
    );
  });

  test('with the limits that a team has chosen', async () => {
    const environment = {
      COST_HEADERS: 'true',
      MAX_QUERY_CALLS: '2',
      MAX_QUERY_OBJECTS: '500',
      QUERY_LIMITS: 'report',
    };
    await using other = await startStack({ environment });
    expect(costsOf(await post({}, other))).toEqual([`${cost}, made=3`, 'calls=2, objects=500, values=2000000']);
  });

  test('as integers that a structured field can hold', async () => {
    const nested = (levels: number): string =>
      levels === 0 ? 'id' : `volume { snapshots(first: 1000) { nodes { ${nested(levels - 1)} } } }`;
    const answer = await post({ query: `{ snapshots(first: 1000) { nodes { ${nested(5)} } } }` });
    expect(answer.text).toContain('QUERY_TOO_COMPLEX');
    expect(answer.headers.get('query-cost')).toMatch(
      /^calls=3, rows=\d{11,15}, objects=\d{11,15}, values=\d{11,15}, made=0$/,
    );
  });
});

test.each<[string, () => Promise<{ readonly headers: Headers }>]>([
  ['a document with a syntax error', () => post({ query: '{' })],
  ['a document that does not fit the schema', () => post({ query: '{ nothing }' })],
  ['a request that is not well-formed', () => stack.fetch('/graphql', { method: 'POST', body: '{' })],
  ['a wrong method', () => stack.fetch('/graphql', { method: 'PUT' })],
  ['GraphiQL', () => stack.fetch('/graphql', { headers: { accept: 'text/html' } })],
  ['a preflight request', () => preflight()],
  ['/health', () => stack.fetch('/health')],
])('%s has no such headers', async (_, send) => {
  expect(costsOf(await send())).toEqual([null, null]);
});

function preflight() {
  return stack.fetch('/graphql', { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST' } });
}

test('without COST_HEADERS no answer has the headers, and CORS does not expose them', async () => {
  await using usual = await startStack({ environment: { CORS_ORIGINS: origin } });
  const { headers } = await post({ headers: { origin } }, usual);
  expect(costsOf({ headers })).toEqual([null, null]);
  expect(headers.get('access-control-expose-headers')).not.toContain('Query-Cost');
});
