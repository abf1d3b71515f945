import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { errorCodes, requestErrorCodes } from '../../src/errors/codes.ts';
import { createWaits } from '../../src/http/waits.ts';
import { createMetrics } from '../../src/telemetry/metrics.ts';
import { openConnection } from '../support/connection.ts';
import { linesOfRequest } from '../support/log.ts';
import { alice, type Stack, startStack } from '../support/stack.ts';

/* What the operator sees of a request: its log line, the metrics, the time of the gateway itself. */

const list = 'query Consoles { region(code: KR1) { volumes { nodes { id status } } } }';

describe('the log line of a request', () => {
  test('names the operation, its hash, its cost, the calls by region and the time', async () => {
    await using stack = await startStack();
    stack.simulator.store('kr1').addVolume(alice.tenant, { volume_type: 'General SSD' });
    await stack.data('query Types { region(code: KR1) { volumes { nodes { status volumeType { name } } } } }', {
      headers: { 'x-request-id': 'logged', 'apollographql-client-name': 'console' },
    });
    expect(linesOfRequest(stack.log, 'logged')).toEqual([
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
    expect(linesOfRequest(stack.log, 'forbidden')).toMatchObject([{ errorCodes: ['FORBIDDEN'] }]);
    await stack.query('{ nothing }', { headers: { 'x-request-id': 'invalid' } });
    expect(linesOfRequest(stack.log, 'invalid')).toMatchObject([
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
      const [line] = linesOfRequest(stack.log, requestId);
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
