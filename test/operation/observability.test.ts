import { setTimeout as sleep } from 'node:timers/promises';
import { SpanKind, trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { errorCodes, requestErrorCodes } from '../../src/errors/codes.ts';
import { createClients } from '../../src/http/client-name.ts';
import { createWaits } from '../../src/http/waits.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { openConnection } from '../support/connection.ts';
import { talk } from '../support/socket.ts';
import { alice, bob, type Stack, startGateway, startStack } from '../support/stack.ts';

/* What the operator sees of a request: its log line, the metrics, and the trace. */

const list = 'query Consoles { region(code: KR1) { volumes { nodes { id status } } } }';
const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;

const lineOf = (log: readonly string[], requestId: string) =>
  log.map((line) => JSON.parse(line)).filter((line) => line.requestId === requestId);

describe('the log line of a request', () => {
  test('names the operation, its hash, its cost, the calls by region and the time', async () => {
    await using stack = await startStack();
    stack.simulator.store('kr1').addVolume(alice.tenant, { volume_type: 'General SSD' });
    await stack.data('query Types { region(code: KR1) { volumes { nodes { status volumeType { name } } } } }', {
      headers: { 'x-request-id': 'logged', 'apollographql-client-name': 'console' },
    });
    expect(lineOf(stack.log, 'logged')).toEqual([
      {
        level: 30,
        time: expect.any(Number),
        msg: 'request',
        requestId: 'logged',
        globalRequestId: stack.simulator.requests[0]?.headers['x-openstack-request-id'],
        client: { name: 'console' },
        method: 'POST',
        status: 200,
        milliseconds: expect.any(Number),
        ownMilliseconds: expect.any(Number),
        name: 'Types',
        operation: 'query',
        hash: expect.stringMatching(/^[0-9a-f]{64}$/),
        cost: { calls: 1, objects: 102 },
        errorCodes: [],
        calls: { kr1: 2 },
      },
    ]);
  });

  test('names the codes of its errors, each once, also where GraphQL refused the document', async () => {
    await using stack = await startStack();
    stack.simulator.inject({ kind: 'status', status: 403 });
    const query =
      '{ a: region(code: KR1) { volumes { nodes { status } } } b: region(code: KR2) { snapshots { nodes { name } } } }';
    await stack.query(query, { headers: { 'x-request-id': 'forbidden' } });
    expect(lineOf(stack.log, 'forbidden')).toMatchObject([{ errorCodes: ['FORBIDDEN'] }]);
    await stack.query('{ nothing }', { headers: { 'x-request-id': 'invalid' } });
    expect(lineOf(stack.log, 'invalid')).toMatchObject([
      { name: null, hash: expect.any(String), errorCodes: ['GRAPHQL_VALIDATION_FAILED'] },
    ]);
  });
});

describe('the request id that OpenStack writes to its logs', () => {
  const globalIdOf = async (requestId: string) => {
    await using stack = await startStack();
    await stack.data(list, { headers: { 'x-request-id': requestId } });
    return stack.simulator.requests[0]?.headers['x-openstack-request-id'];
  };

  test('is the id of the request if that is a UUID, in lower case', async () => {
    expect(await globalIdOf('0F6F6F3E-6E4B-4A0B-9A53-0123456789AB')).toBe('req-0f6f6f3e-6e4b-4a0b-9a53-0123456789ab');
  });

  test('is a new UUID if the id of the request is not one', async () => {
    expect(await globalIdOf('my-request')).toMatch(/^req-[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/);
  });
});

describe('/metrics', () => {
  test('has every counter that alerts watch at 0 before the first request', async () => {
    await using stack = await startStack();
    const { text } = await stack.fetch('/metrics');
    for (const code of Object.keys({ ...errorCodes, ...requestErrorCodes }))
      expect(text).toContain(`gateway_errors_total{code="${code}"} 0\n`);
    for (const region of ['kr1', 'kr2', 'jp1'])
      expect(text).toContain(`gateway_upstream_bytes_total{region="${region}"} 0\n`);
    for (const share of ['caller', 'unaccepted', 'replica'])
      expect(text).toContain(`gateway_refused_total{share="${share}"} 0\n`);
    for (const status of [200, 500, 503]) {
      expect(text).toContain(`gateway_request_duration_seconds_count{status="${status}"} 0\n`);
      expect(text).toContain(`gateway_own_duration_seconds_count{status="${status}"} 0\n`);
    }
    expect(text).toContain('gateway_answers_known_total 0\n');
  });

  test('names the versions of the gateway and of Node', async () => {
    const metrics = await createMetrics().registry.metrics();
    const { version } = packageJson;
    expect(metrics).toContain(`gateway_build_info{version="${version}",node="${process.versions.node}"} 1\n`);
  });

  test('counts errors by code and the cost of queries, without anything that a client made up', async () => {
    await using stack = await startStack();
    stack.simulator.inject({ kind: 'status', status: 403 });
    await stack.query(list);
    await stack.query(list);
    await stack.query('query Evil { nowhere }');
    const { text } = await stack.fetch('/metrics');
    expect(text).toContain('gateway_errors_total{code="FORBIDDEN"} 2\n');
    expect(text).toContain('gateway_errors_total{code="GRAPHQL_VALIDATION_FAILED"} 1\n');
    expect(text).toContain('gateway_query_calls_sum 2\n');
    expect(text).toContain('gateway_query_calls_count 2\n');
    expect(text).toContain('gateway_query_objects_sum 104\n');
    expect(text).not.toMatch(/Consoles|Evil|nowhere/);
  });
});

describe('the time of the gateway itself', () => {
  async function timesOf(stack: Stack, requestId: string): Promise<{ milliseconds: number; ownMilliseconds: number }> {
    return vi.waitFor(() => {
      const [line] = lineOf(stack.log, requestId);
      expect(line).toBeDefined();
      return line;
    });
  }

  test('does not include the time in which a request waits for regions', async () => {
    await using stack = await startStack();
    stack.simulator.inject({ kind: 'delay', ms: 300 });
    await stack.data('{ volumes { nodes { name } } }', { headers: { 'x-request-id': 'waited' } });
    const { milliseconds, ownMilliseconds } = await timesOf(stack, 'waited');
    expect(milliseconds - ownMilliseconds).toBeGreaterThan(290);
    const { text } = await stack.fetch('/metrics');
    const sum = (name: string) => Number(new RegExp(`^${name}_sum{status="200"} (.*)$`, 'm').exec(text)?.[1]);
    expect(sum('gateway_request_duration_seconds') - sum('gateway_own_duration_seconds')).toBeGreaterThan(0.29);
  });

  test('does not include the time in which a client sends the body', async () => {
    await using stack = await startStack();
    using connection = openConnection(Number(new URL(stack.url).port));
    const body = JSON.stringify({ query: '{ __typename }' });
    const head = ['POST /graphql HTTP/1.1', 'Host: gateway', 'Content-Type: application/json', 'X-Request-Id: slow'];
    await connection.send(`${[...head, `Content-Length: ${body.length}`].join('\r\n')}\r\n\r\n`);
    await sleep(300);
    await connection.send(body);
    const { milliseconds, ownMilliseconds } = await timesOf(stack, 'slow');
    expect(milliseconds - ownMilliseconds).toBeGreaterThan(200);
  });

  test('includes the time in which a request waits for a place', async () => {
    await using stack = await startStack({ environment: { MAX_IN_FLIGHT: '1' } });
    const release = stack.simulator.hold();
    const first = stack.data(list);
    await stack.simulator.waitForRequests(1);
    await stack.fetch('/graphql?query={__typename}', { headers: { 'x-request-id': 'refused' } });
    release();
    await first;
    const { milliseconds, ownMilliseconds } = await timesOf(stack, 'refused');
    expect(milliseconds).toBeGreaterThan(0);
    expect(ownMilliseconds).toBeGreaterThan(milliseconds / 2);
  });

  test('counts waits at the same time once', async () => {
    const start = performance.now();
    const waits = createWaits();
    const pause = () => sleep(20);
    await Promise.all([waits.during(pause()), waits.during(pause()), waits.during(pause())]);
    await waits.during(pause());
    expect(waits.milliseconds()).toBeLessThanOrEqual(performance.now() - start);
    expect(waits.milliseconds()).toBeGreaterThan(35);
  });
});

describe('the client', () => {
  const countsOf = (text: string) =>
    Object.fromEntries(
      Array.from(
        text.matchAll(/^gateway_client_requests_total{client="(.*)",version="(.*)"} (\d+)$/gm),
        ([, client, version, count]) => [`${client} ${version}`, Number(count)],
      ),
    );
  const none = { 'unknown ': 0, 'other ': 0 };

  test.each(['Apollographql', 'GraphQL'])(
    'that names itself by %s-Client-Name is logged and counted',
    async (family) => {
      await using stack = await startStack();
      const headers = { [`${family}-Client-Name`]: '@acme/console', [`${family}-Client-Version`]: '1.2.0-rc.1+7' };
      await stack.data(list, { headers: { ...headers, 'x-request-id': 'named' } });
      await stack.data(list);
      expect(lineOf(stack.log, 'named')).toMatchObject([
        { client: { name: '@acme/console', version: '1.2.0-rc.1+7' } },
      ]);
      const { text } = await stack.fetch('/metrics');
      expect(countsOf(text)).toEqual({ ...none, 'unknown ': 1, '@acme/console 1.2.0-rc.1+7': 1 });
    },
  );

  test.each(['a"b', 'a\\', 'a{b}', 'a,b', '<script>', 'caf\xe9', 'x'.repeat(65), ''])(
    'named %j is dropped, and so is its version',
    async (name) => {
      await using stack = await startStack();
      const headers = { 'graphql-client-name': name, 'graphql-client-version': '1' };
      await stack.data(list, { headers: { ...headers, 'x-request-id': 'odd' } });
      expect(lineOf(stack.log, 'odd')).toEqual([expect.not.objectContaining({ client: expect.anything() })]);
      expect(countsOf((await stack.fetch('/metrics')).text)).toEqual({ ...none, 'unknown ': 1 });
    },
  );

  test('may name itself on a page of an allowed origin', async () => {
    const origin = 'https://console.example';
    await using stack = await startStack({ environment: { CORS_ORIGINS: origin } });
    const asked = 'apollographql-client-name,apollographql-client-version,graphql-client-name,graphql-client-version';
    const preflight = { origin, 'access-control-request-method': 'POST', 'access-control-request-headers': asked };
    const { headers } = await stack.fetch('/graphql', { method: 'OPTIONS', headers: preflight });
    expect(headers.get('access-control-allow-headers')).toBe(asked);
  });

  test('is counted only with a token that a region has accepted', async () => {
    await using stack = await startStack();
    for (const token of ['', 'invented'])
      await stack.query(list, { headers: { 'graphql-client-name': 'junk', 'x-auth-token': token } });
    expect(countsOf((await stack.fetch('/metrics')).text)).toEqual(none);
  });

  test('of one token has a tenth of the room for names, so that others keep theirs', async () => {
    await using stack = await startStack();
    for (let version = 0; version < 12; version++)
      await stack.data(list, {
        headers: { 'graphql-client-name': 'junk', 'graphql-client-version': String(version) },
      });
    await stack.data(list, {
      headers: { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant, 'graphql-client-name': 'console' },
    });
    const counts = countsOf((await stack.fetch('/metrics')).text);
    expect(Object.keys(counts)).toHaveLength(13);
    expect(counts).toMatchObject({ 'junk 0': 1, 'junk 9': 1, 'other ': 2, 'console ': 1 });
  });

  describe('if all the room for names is taken', () => {
    afterEach(() => void vi.useRealTimers());

    test('counts as other, until a name has not been used for an hour', async () => {
      vi.useFakeTimers({ toFake: ['performance'] });
      const { registry, clients: counter } = createMetrics();
      const clients = createClients(counter);
      // Names that the metric gives itself are nobody's, and make no room.
      for (const name of ['unknown', 'other']) clients.count({ name }, 'another');
      for (let index = 0; index < 100; index++) clients.count({ name: `name${index}` }, `owner${index}`);
      clients.count({ name: 'console' }, 'another');
      vi.advanceTimersByTime(1_800_000);
      for (let index = 1; index < 100; index++) clients.count({ name: `name${index}` }, `owner${index}`);
      vi.advanceTimersByTime(1_800_000);
      for (const name of ['console', 'late']) clients.count({ name }, 'another');
      const counts = countsOf(await registry.metrics());
      expect(Object.keys(counts)).toHaveLength(102);
      expect(counts).toMatchObject({ 'name1 ': 2, 'console ': 1, 'other ': 4, 'unknown ': 0 });
      expect(counts).not.toHaveProperty('name0 ');
    });
  });
});

describe('the trace context', () => {
  test('goes upstream with the request id and comes back, its sampled flag taken off', async () => {
    await using stack = await startStack();
    const { headers } = await stack.fetch('/graphql', {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-auth-token': alice.token,
        'x-tenant-id': alice.tenant,
        'x-request-id': 'my-request',
        traceparent,
        tracestate: 'vendor=1',
        baggage: 'user=alice',
      },
      body: JSON.stringify({ query: list }),
    });
    const unsampled = traceparent.replace(/01$/, '00');
    expect(headers.get('traceparent')).toBe(unsampled);
    expect(headers.get('tracestate')).toBeNull();
    expect(stack.simulator.requests[0]?.headers).toMatchObject({
      traceparent: unsampled,
      tracestate: 'vendor=1',
      'x-request-id': 'my-request',
    });
    expect(stack.simulator.requests[0]?.headers).not.toHaveProperty('baggage');
    expect(stack.log.join('')).toContain(`"traceId":"${traceId}"`);
  });

  test('is passed on as it came where it is trusted', async () => {
    await using stack = await startStack({ environment: { TRUST_TRACEPARENT: 'true' } });
    await stack.data(list, { headers: { traceparent, tracestate: 'vendor=abc,b=1' } });
    expect(stack.simulator.requests[0]?.headers).toMatchObject({ traceparent, tracestate: 'vendor=abc,b=1' });
  });

  test.each([
    'evil',
    '',
    traceparent.replace(/^00/, 'ff'),
    traceparent.replace(traceId, '0'.repeat(32)),
    traceparent.replace('b7ad6b7169203331', '0'.repeat(16)),
    `${traceparent}, ${traceparent}`,
  ])('that is none, %j, is dropped, and its tracestate with it', async (odd) => {
    for (const environment of [{}, { TRUST_TRACEPARENT: 'true' }]) {
      await using stack = await startStack({ environment });
      await stack.data(list, { headers: { traceparent: odd, tracestate: 'vendor=1' } });
      expect(stack.simulator.requests[0]?.headers).not.toHaveProperty('traceparent');
      expect(stack.simulator.requests[0]?.headers).not.toHaveProperty('tracestate');
    }
  });

  test('is not made up of a tracestate alone', async () => {
    await using stack = await startStack({ environment: { TRUST_TRACEPARENT: 'true' } });
    await stack.data(list, { headers: { tracestate: 'vendor=1' } });
    expect(stack.simulator.requests[0]?.headers).not.toHaveProperty('traceparent');
    expect(stack.simulator.requests[0]?.headers).not.toHaveProperty('tracestate');
  });
});

describe('tracestate', () => {
  let stack: Stack;

  beforeAll(async () => {
    stack = await startStack({ environment: { TRUST_TRACEPARENT: 'true' } });
  });

  afterAll(() => stack[Symbol.asyncDispose]());
  beforeEach(() => stack.simulator.clearRequests());

  /** Sends the values, each in a header of its own, and gives what came upstream. */
  async function passedOn(...values: string[]): Promise<unknown> {
    const body = JSON.stringify({ query: list });
    const lines = [
      'POST /graphql HTTP/1.1',
      'Host: gateway',
      'Connection: close',
      'Content-Type: application/json',
      `Content-Length: ${body.length}`,
      `X-Auth-Token: ${alice.token}`,
      `X-Tenant-Id: ${alice.tenant}`,
      `traceparent: ${traceparent}`,
      ...values.map((value) => `tracestate: ${value}`),
    ];
    const [answer] = await talk(stack.url, `${lines.join('\r\n')}\r\n\r\n${body}`);
    expect(JSON.parse(answer?.body ?? '')).toEqual({ data: { region: { volumes: { nodes: [] } } } });
    expect(stack.simulator.requests.map(({ headers }) => headers.traceparent)).toEqual([traceparent]);
    return stack.simulator.requests[0]?.headers.tracestate;
  }

  const numbered = (count: number) => Array.from({ length: count }, (_, index) => `k${index}=${index}`).join(',');

  test.each([
    ['in its order', ['b=1,a=2'], 'b=1,a=2'],
    ['of a tenant', ['tenant@vendor=1'], 'tenant@vendor=1'],
    ['with blanks around its members', ['a=1 ,\tb=2'], 'a=1,b=2'],
    ['in several headers', ['a=1', 'b=2,c=3', 'd=4'], 'a=1,b=2,c=3,d=4'],
    ['with 32 members', [numbered(32)], numbered(32)],
    ['with 512 characters', [`a=${'x'.repeat(254)},b=${'x'.repeat(253)}`], `a=${'x'.repeat(254)},b=${'x'.repeat(253)}`],
  ])('%s is passed on', async (_, values, expected) => {
    expect(await passedOn(...values)).toBe(expected);
  });

  test('loses its malformed members', async () => {
    expect(await passedOn('a=1,nonsense,B=2,c=,=d,e=f=g,h=\xe4', 'z=2')).toBe('a=1,z=2');
  });

  test.each([
    ['with 33 members', [numbered(33)]],
    ['with 33 members in several headers', Array.from({ length: 33 }, (_, index) => `k${index}=1`)],
    ['with 513 characters', [`a=${'x'.repeat(254)},b=${'x'.repeat(254)}`]],
    ['with 513 characters in two headers', [`a=${'x'.repeat(254)}`, `b=${'x'.repeat(253)}`]],
    ['of a value of 15 KB', [`a=${'x'.repeat(15_000)}`]],
    ['of a key of 15 KB', [`${'a'.repeat(15_000)}=1`]],
    ['of 15,000 commas', [','.repeat(15_000)]],
    ['of 5,000 members', ['a=,'.repeat(5000)]],
    ['of many headers', Array.from({ length: 900 }, () => 'a=1')],
    ['that is empty', ['']],
    ['without a valid member', ['nonsense']],
  ])('%s is dropped', async (_, values) => {
    expect(await passedOn(...values)).toBeUndefined();
  });
});

describe('where an SDK of OpenTelemetry is loaded', () => {
  const exporter = new InMemorySpanExporter();
  afterEach(() => {
    trace.disable();
    exporter.reset();
  });

  const tracestate = 'vendor=abc,b=1';

  async function traced(environment: Record<string, string>) {
    trace.setGlobalTracerProvider(new BasicTracerProvider({ spanProcessors: [new SimpleSpanProcessor(exporter)] }));
    await using stack = await startStack({ environment });
    const id = '17975e9d-1533-40db-bd02-2072cd2ccb7f';
    stack.simulator.inject({ kind: 'status', status: 503, times: 1 });
    await stack.query(`query One { volume(id: "${id}", region: KR1) { name } }`, {
      headers: { traceparent, tracestate },
    });
    const spans = exporter.getFinishedSpans();
    expect(JSON.stringify(spans.map(({ name, attributes }) => [name, attributes]))).not.toMatch(
      new RegExp(`${id}|${alice.tenant}|${alice.token}`),
    );
    return { spans, requests: [...stack.simulator.requests] };
  }

  test('a request and each attempt of its calls are spans, linked to a trace that is not trusted', async () => {
    const { spans, requests } = await traced({});
    expect(spans.map(({ name, kind }) => ({ name, kind }))).toEqual([
      { name: 'GET /volumes/{id}', kind: SpanKind.CLIENT },
      { name: 'GET /volumes/{id}', kind: SpanKind.CLIENT },
      { name: 'POST /graphql', kind: SpanKind.SERVER },
    ]);
    const [first, second, whole] = spans;
    expect(whole?.attributes).toMatchObject({ 'graphql.operation.name': 'One', 'http.response.status_code': 200 });
    expect([first, second].map((span) => span?.attributes['http.response.status_code'])).toEqual([503, 404]);
    expect(first?.parentSpanContext?.spanId).toBe(whole?.spanContext().spanId);
    expect(whole?.spanContext().traceId).not.toBe(traceId);
    expect(whole?.links).toMatchObject([{ context: { traceId } }]);
    expect(whole?.links[0]?.context.traceState).toBeUndefined();
    const sent = [first, second].map((span) => `00-${span?.spanContext().traceId}-${span?.spanContext().spanId}-01`);
    expect(requests.map(({ headers }) => headers.traceparent)).toEqual(sent);
    expect(requests.map(({ headers }) => headers.tracestate)).toEqual([undefined, undefined]);
  });

  test('a trace that is trusted is gone on with', async () => {
    const { spans, requests } = await traced({ TRUST_TRACEPARENT: 'true' });
    expect(spans.map((span) => span.spanContext().traceId)).toEqual(Array(3).fill(traceId));
    expect(spans.map((span) => span.spanContext().traceState?.serialize())).toEqual(Array(3).fill(tracestate));
    expect(requests.map(({ headers }) => headers.tracestate)).toEqual([tracestate, tracestate]);
  });

  test('the span of a failed attempt has its cause as error.type', async () => {
    const { spans } = await traced({});
    expect(spans[0]?.attributes).toMatchObject({ 'error.type': 'HTTP_503' });
    exporter.reset();
    await using gateway = await startGateway({ kr1: 'http://127.0.0.1:1' });
    await gateway.query('{ region(code: KR1) { volumes { nodes { id } } } }');
    const [attempt] = exporter.getFinishedSpans();
    expect(attempt?.attributes).toMatchObject({ 'error.type': 'ECONNREFUSED' });
    expect(attempt?.attributes).not.toHaveProperty('server.address');
  });
});
