import { once } from 'node:events';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { SpanKind, SpanStatusCode } from '@opentelemetry/api';
import { afterAll, beforeAll, beforeEach, describe, expect, test, vi } from 'vitest';
import type { Simulator } from '../../src/simulator/server.ts';
import { subscribe } from '../support/event-stream.ts';
import { patience } from '../support/patience.ts';
import { type GatewayProcess, startOver } from '../support/process.ts';
import { alice, openSimulator } from '../support/stack.ts';
import { type CollectedSpan, type Collector, post, startCollector, startTraced } from './collector.ts';

/* The gateway as a process with an SDK of OpenTelemetry, loaded by NODE_OPTIONS, and the collector that it sends spans to. */

let simulator: Simulator;
let collector: Collector;
let gateway: GatewayProcess;
let url = '';

beforeAll(async () => {
  simulator = await openSimulator();
  collector = await startCollector();
  gateway = startTraced(simulator, collector);
  url = await gateway.listening;
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await collector[Symbol.asyncDispose]();
  await simulator[Symbol.asyncDispose]();
  expect(JSON.stringify(collector.spans)).not.toMatch(new RegExp(`${alice.token}|${alice.tenant}`));
});

beforeEach(() => {
  simulator.clearRequests();
  collector.spans.length = 0;
});

/** The spans of an operation so far. The shared gateway may still send those of earlier tests. */
function spansOf(operation: string): CollectedSpan[] {
  return collector.spans.filter(({ attributes }) => attributes['graphql.operation.name'] === operation);
}

/** The span of the request whose operation has this name, once the collector has it. */
function serverSpan(operation: string): Promise<CollectedSpan> {
  return vi.waitFor(() => {
    const [span] = spansOf(operation);
    if (!span) throw new Error(`no span of ${operation} yet`);
    return span;
  }, patience);
}

describe('the span of a request', () => {
  test('is named as OpenTelemetry’s conventions say, and its REST calls are below it', async () => {
    const answer = await post(url, 'query Names { region(code: KR1) { volumes { nodes { status } } } }');
    const span = await serverSpan('Names');
    expect(span).toMatchObject({
      name: 'POST /graphql',
      kind: SpanKind.SERVER,
      status: SpanStatusCode.UNSET,
      parent: null,
      attributes: {
        'http.request.method': 'POST',
        'http.route': '/graphql',
        'http.response.status_code': 200,
        'url.path': '/graphql',
        'url.scheme': 'http',
        'graphql.operation.name': 'Names',
        'graphql.operation.type': 'query',
        'graphql.document.hash': expect.stringMatching(/^[0-9a-f]{64}$/),
      },
    });
    expect(span.attributes).not.toHaveProperty('graphql.error.codes');
    expect(span.attributes).not.toHaveProperty('error.type');
    expect(answer.headers.get('traceparent')).toBe(`00-${span.traceId}-${span.spanId}-01`);
    const [call] = collector.spans.filter(({ parent }) => parent === span.spanId);
    expect(call).toMatchObject({ kind: SpanKind.CLIENT, traceId: span.traceId });
    expect(simulator.requests.map(({ headers }) => headers.traceparent)).toEqual([
      `00-${call?.traceId}-${call?.spanId}-01`,
    ]);
  });

  test('is an error if a region fails, and has the codes of the answer', async () => {
    const release = simulator.inject({ region: 'kr1', kind: 'status', status: 500 });
    simulator.inject({ region: 'kr2', kind: 'status', status: 403, times: 1 });
    const regions = ['KR2', 'KR1'].map((code) => `${code}: region(code: ${code}) { volumes { nodes { status } } }`);
    await post(url, `query Fault { ${regions.join(' ')} }`);
    release();
    const { status, attributes } = await serverSpan('Fault');
    expect(status).toBe(SpanStatusCode.ERROR);
    expect(attributes).toMatchObject({
      'http.response.status_code': 200,
      'graphql.error.codes': expect.arrayContaining(['FORBIDDEN', 'UPSTREAM_ERROR']),
      'error.type': 'UPSTREAM_ERROR',
    });
  });

  test('is an error if a merged list lacks a region', async () => {
    const release = simulator.inject({ region: 'kr1', kind: 'status', status: 500 });
    await post(url, 'query Lacking { volumes { nodes { status } } }');
    release();
    expect(await serverSpan('Lacking')).toMatchObject({
      status: SpanStatusCode.ERROR,
      attributes: { 'graphql.error.codes': ['UPSTREAM_ERROR'], 'error.type': 'UPSTREAM_ERROR' },
    });
  });

  test.each([
    [
      'a token that is missing',
      'query Mistake0 { region(code: KR1) { volumes { nodes { status } } } }',
      'UNAUTHENTICATED',
    ],
    ['an argument that is not valid', 'query Mistake1 { volumes(first: -1) { nodes { status } } }', 'BAD_USER_INPUT'],
    ['a query that is too large', `query Mistake2 { ${'a'.repeat(300)}: __typename }`, 'QUERY_TOO_COMPLEX'],
  ])('is not an error for a mistake of the caller: %s', async (_, query, code) => {
    const headers: Record<string, string> = code === 'UNAUTHENTICATED' ? { 'x-auth-token': 'nobody' } : {};
    await post(url, query, headers);
    const { status, attributes } = await serverSpan(/Mistake\d/.exec(query)?.[0] ?? '');
    expect(status).toBe(SpanStatusCode.UNSET);
    expect(attributes).toMatchObject({ 'graphql.error.codes': [code] });
    expect(attributes).not.toHaveProperty('error.type');
  });

  test('has the codes of all parts of an answer in parts', async () => {
    const release = simulator.inject({ region: 'kr2', kind: 'status', status: 500 });
    const deferred = '... @defer { region(code: KR2) { volumes { nodes { status } } } }';
    const answer = await post(url, `query Parts { regions { code } ${deferred} }`, {
      accept: 'multipart/mixed;incrementalSpec=v0.2, application/json',
    });
    expect(answer.headers.get('content-type')).toMatch(/^multipart\/mixed/);
    await answer.text();
    release();
    expect(await serverSpan('Parts')).toMatchObject({
      status: SpanStatusCode.ERROR,
      attributes: { 'graphql.error.codes': ['UPSTREAM_ERROR'], 'error.type': 'UPSTREAM_ERROR' },
    });
  });

  test('names neither a method nor a path that a client made up', async () => {
    await fetch(`${url}/graphql?query=%7Bsecret%7D`, { method: 'PROPFIND' });
    const span = await vi.waitFor(() => {
      const [span] = collector.spans.filter(({ name }) => name === 'HTTP /graphql');
      if (!span) throw new Error('not yet');
      return span;
    }, patience);
    expect(span.attributes).toMatchObject({ 'http.request.method': '_OTHER', 'url.path': '/graphql' });
    expect(JSON.stringify(span)).not.toContain('secret');
  });
});

describe('each read of an object that streams follow', () => {
  const polls = () => collector.spans.filter(({ name }) => name === 'poll volume');
  const ofVolume = (name: string, id: string) =>
    `subscription ${name} { volumeUpdated(id: "${id}", region: KR1) { status } }`;

  test('is the first span of a trace, linked to the stream’s request, with its REST calls below it', async () => {
    const { id } = simulator.store('kr1').addVolume(alice.tenant, { status: 'available' });
    await using subscribed = subscribe({ url }, ofVolume('One', id));
    const request = await serverSpan('One');
    await vi.waitFor(() => expect(polls().length).toBeGreaterThanOrEqual(2), patience);
    expect(subscribed.results.length).toBeGreaterThan(0);
    const [first, second] = polls();
    for (const poll of [first, second]) {
      expect(poll).toMatchObject({
        kind: SpanKind.INTERNAL,
        status: SpanStatusCode.UNSET,
        parent: null,
        attributes: { 'cloud.region': 'kr1' },
        links: [{ traceId: request.traceId, spanId: request.spanId }],
      });
      expect(poll?.traceId).not.toBe(request.traceId);
      const [call, ...others] = collector.spans.filter(({ parent }) => parent === poll?.spanId);
      expect(others).toEqual([]);
      expect(call).toMatchObject({ name: 'GET /volumes/{id}', kind: SpanKind.CLIENT, traceId: poll?.traceId });
      const sent = simulator.requests.map(({ headers }) => headers.traceparent);
      expect(sent).toContain(`00-${call?.traceId}-${call?.spanId}-01`);
    }
    expect(first?.traceId).not.toBe(second?.traceId);
    expect(JSON.stringify(polls())).not.toContain(id);
  });

  test('is linked to all streams that share it, eight at most, and no longer to one that has ended', async () => {
    const { id } = simulator.store('kr1').addVolume(alice.tenant, { status: 'available' });
    await using last = subscribe({ url }, ofVolume('First', id));
    const first = await serverSpan('First');
    {
      await using streams = new AsyncDisposableStack();
      for (let index = 0; index < 9; index++) streams.use(subscribe({ url }, ofVolume(`Other${index}`, id)));
      await vi.waitFor(() => expect(polls().at(-1)?.links).toHaveLength(8), patience);
      expect(polls().at(-1)?.links[0]).toMatchObject({ spanId: first.spanId });
    }
    await vi.waitFor(() => expect(polls().at(-1)?.links).toHaveLength(1), patience);
    expect(polls().at(-1)?.links).toMatchObject([{ spanId: first.spanId }]);
    expect(last.results.length).toBeGreaterThan(0);
  });

  test('is an error if the region fails', async () => {
    const { id } = simulator.store('kr1').addVolume(alice.tenant, { status: 'available' });
    await using subscribed = subscribe({ url }, ofVolume('Failing', id));
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(1), patience);
    const release = simulator.inject({ kind: 'status', status: 500 });
    await vi.waitFor(() => {
      const failed = polls().filter(({ status }) => status === SpanStatusCode.ERROR);
      expect(failed.map(({ attributes }) => attributes['error.type'])).toContain('UPSTREAM_ERROR');
    }, patience);
    release();
  });
});

test('what the SDK still holds is sent when the process ends', async () => {
  await using ending = startTraced(simulator, collector, { COLLECTOR_DELAY_MS: '600000' });
  await post(await ending.listening, 'query Last { regions { code } }');
  expect(spansOf('Last')).toEqual([]);
  ending.child.kill('SIGTERM');
  expect((await ending.ended).code).toBe(0);
  expect((await serverSpan('Last')).name).toBe('POST /graphql');
});

test('a collector that does not answer does not keep the process', async () => {
  await using silent = new AsyncDisposableStack();
  const server = createServer(() => {}).listen(0, '127.0.0.1');
  silent.defer(() => {
    server.closeAllConnections();
    server.close();
  });
  await once(server, 'listening');
  const { port } = server.address() as AddressInfo;
  const dead = { url: `http://127.0.0.1:${port}`, spans: [], async [Symbol.asyncDispose]() {} };
  await using ending = startTraced(simulator, dead);
  await post(await ending.listening, 'query Unheard { regions { code } }');
  ending.child.kill('SIGTERM');
  expect((await ending.ended).code).toBe(0);
});

test('without an SDK the reads of a followed object carry no traceparent', async () => {
  await using plain = startOver(simulator, { POLL_INTERVAL_MS: '100' });
  const { id } = simulator.store('kr1').addVolume(alice.tenant, { status: 'available' });
  const traceparent = '00-0af7651916cd43dd8448eb211c80319c-b7ad6b7169203331-01';
  await using subscribed = subscribe(
    { url: await plain.listening },
    `subscription { volumeUpdated(id: "${id}", region: KR1) { status } }`,
    { headers: { traceparent } },
  );
  await vi.waitFor(() => expect(subscribed.results).toHaveLength(1), patience);
  await simulator.waitForRequests(2);
  for (const { headers } of simulator.requests) expect(headers).not.toHaveProperty('traceparent');
});
