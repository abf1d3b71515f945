import { SpanKind, trace } from '@opentelemetry/api';
import { BasicTracerProvider, InMemorySpanExporter, SimpleSpanProcessor } from '@opentelemetry/sdk-trace-base';
import { afterAll, afterEach, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { postOf } from '../support/post.ts';
import { talk } from '../support/socket.ts';
import { alice, type Stack, startGateway, startStack } from '../support/stack.ts';

/* The trace context of a request, and its spans where an SDK of OpenTelemetry is loaded. */

const list = '{ region(code: KR1) { volumes { nodes { id status } } } }';

const traceId = '0af7651916cd43dd8448eb211c80319c';
const traceparent = `00-${traceId}-b7ad6b7169203331-01`;

describe('the trace context', () => {
  test('goes upstream with the request id and comes back, its sampled flag taken off', async () => {
    await using stack = await startStack();
    const { headers } = await stack.fetch(
      '/graphql',
      postOf(list, { 'x-request-id': 'my-request', traceparent, tracestate: 'vendor=1', baggage: 'user=alice' }),
    );
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
