import { once } from 'node:events';
import { type AddressInfo, createServer } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { probe } from '../../src/upstream/probe.ts';
import { regionAt } from '../support/region.ts';
import { bob, startStack } from '../support/stack.ts';
import { asBob, available, create, isAvailable, isOpenForAll, list, openWith, sendTen } from './breaker.ts';

/* When calls are kept from a region, from whom, and until when. */

describe('a region whose connections fail', () => {
  test('is kept from everybody, says when to try again, and is given back to reads first', async () => {
    await using stack = await startStack();
    const mend = stack.simulator.inject({ kind: 'reset', region: 'kr1' });
    await openWith(stack, list);
    expect((await stack.data(available, asBob)).regions).toEqual([
      { code: 'KR1', available: false },
      { code: 'KR2', available: true },
      { code: 'JP1', available: true },
    ]);
    stack.simulator.clearRequests();
    for (const query of [list, create]) {
      const { errors } = await stack.query(query, asBob);
      expect(errors?.[0]?.extensions).toEqual({
        code: 'UPSTREAM_UNAVAILABLE',
        region: 'KR1',
        retryAfter: expect.toSatisfy((seconds) => seconds >= 1 && seconds <= 5),
      });
    }
    const { volumes } = await stack.data('{ volumes { nodes { id } failures { region { code } code retryAfter } } }');
    expect(volumes.failures).toEqual([
      { region: { code: 'KR1' }, code: 'UPSTREAM_UNAVAILABLE', retryAfter: expect.any(Number) },
    ]);
    expect(stack.calls().filter((call) => call.startsWith('POST'))).toEqual([]);
    mend();
    await vi.waitFor(async () => expect((await stack.query(list)).errors).toBeUndefined(), {
      timeout: 8000,
      interval: 200,
    });
    expect(await isAvailable(stack)).toBe(true);
    await stack.data(create);
  });

  test.each(['502', '503'])('is kept from everybody after answers of %s too', async (status) => {
    await using stack = await startStack();
    stack.simulator.inject({ kind: 'html', status: Number(status), region: 'kr1' });
    await openWith(stack, list);
    expect(await isAvailable(stack, asBob)).toBe(false);
  });

  test.each([401, 403, 404, 413, 429, 500])('stays available when it answers %i', async (status) => {
    await using stack = await startStack();
    stack.simulator.inject({ kind: 'status', status });
    for (let sent = 0; sent < 60; sent += 10) await sendTen(stack, list);
    expect(await isAvailable(stack)).toBe(true);
  });

  test('stays available when clients leave', async () => {
    await using stack = await startStack();
    stack.simulator.inject({ kind: 'hang' });
    for (let index = 0; index < 30; index++) {
      const leaving = new AbortController();
      const answer = stack.query(list, { signal: leaving.signal });
      await stack.simulator.waitForRequests(index + 1);
      leaving.abort();
      await expect(answer).rejects.toThrow();
    }
    await vi.waitFor(() => expect(stack.simulator.requests.every(({ aborted }) => aborted)).toBe(true));
    expect(await isAvailable(stack)).toBe(true);
  });
});

test('a region that fails one caller alone is kept from that caller alone, and given back to its writes', async () => {
  await using stack = await startStack({ regions: [{ code: 'kr1' }] });
  const mend = stack.simulator.inject({ kind: 'html', status: 503, method: 'POST', path: new RegExp(bob.tenant) });
  for (let sent = 0; sent < 100; sent += 10) {
    await Promise.all([sendTen(stack, create, asBob), sendTen(stack, list)]);
    expect(await isAvailable(stack)).toBe(true);
  }
  expect(await isAvailable(stack, asBob)).toBe(false);
  mend();
  await vi.waitFor(async () => expect((await stack.query(create, asBob)).errors).toBeUndefined(), {
    timeout: 6000,
    interval: 100,
  });
});

test('an answer that many wait for counts once', async () => {
  await using stack = await startStack({
    regions: [{ code: 'kr1' }],
    environment: { UPSTREAM_CONCURRENCY: '1', REQUEST_TIMEOUT_MS: '5000' },
  });
  await stack.data(list);
  stack.simulator.inject({ kind: 'html', status: 502, path: /detail/ });
  stack.simulator.clearRequests();
  const release = stack.simulator.hold();
  const busy = stack.query('{ region(code: KR1) { volumeTypes { nodes { id } } } }');
  await stack.simulator.waitForRequests(1);
  const joined = Array.from({ length: 30 }, () => stack.query(list));
  await vi.waitFor(async () => expect((await stack.fetch('/metrics')).text).toContain('gateway_requests_in_flight 31'));
  release();
  await Promise.all([busy, ...joined]);
  expect(await isAvailable(stack)).toBe(true);
});

describe.concurrent('a region that is well again', () => {
  test('is given back to a client that only writes', async () => {
    await using stack = await startStack({ regions: [{ code: 'kr1' }] });
    const mend = stack.simulator.inject({ kind: 'html', status: 503, method: 'POST' });
    await openWith(stack, create);
    expect(await isAvailable(stack)).toBe(false);
    mend();
    await vi.waitFor(async () => expect((await stack.query(create)).errors).toBeUndefined(), {
      timeout: 6000,
      interval: 100,
    });
    expect(stack.calls().filter((call) => call.startsWith('GET '))).toEqual(['GET /']);
  });

  test('is given back though nobody asks, by a request without a token', async () => {
    await using stack = await startStack({ regions: [{ code: 'kr1' }] });
    const mend = stack.simulator.inject({ kind: 'reset' });
    await openWith(stack, list);
    mend();
    stack.simulator.clearRequests();
    await vi.waitFor(async () => expect(await isOpenForAll(stack)).toBe(false), { timeout: 6000, interval: 100 });
    expect(stack.simulator.requests.map(({ method, path }) => `${method} ${path}`)).toEqual(['GET /']);
    expect(stack.simulator.requests[0]?.headers).not.toHaveProperty('x-auth-token');
  });

  test('is not given back while a proxy answers the question with 503', async () => {
    await using stack = await startStack({ regions: [{ code: 'kr1' }] });
    stack.simulator.inject({ kind: 'html', status: 503 });
    await openWith(stack, list);
    stack.simulator.clearRequests();
    await stack.simulator.waitForRequests(1).catch(() => {});
    await vi.waitFor(() => expect(stack.simulator.requests[0]?.done).toBe(true), 6000);
    expect(await isOpenForAll(stack)).toBe(true);
  });
});

describe('the gateway’s own look at a region', () => {
  /** Whether a region is well that answers with these bytes, and then closes the connection or not. */
  async function probeOf(answer: string, ends: boolean): Promise<boolean> {
    const server = createServer((socket) => {
      socket.on('error', () => {});
      socket.once('data', () => {
        socket.write(answer);
        if (ends) socket.end();
      });
    });
    server.listen(0, '127.0.0.1');
    await once(server, 'listening');
    // A listening TCP server has an address with a port.
    const { port } = server.address() as AddressInfo;
    const endpoint = `http://127.0.0.1:${port}/base`;
    const { fault, status, class: callClass } = await probe(regionAt(endpoint), 300);
    if (status !== null) expect(callClass).toBe(`${String(status)[0]}xx`);
    server.close();
    return fault === null;
  }

  const whole = (status: string) => `HTTP/1.1 ${status}\r\nContent-Length: 2\r\n\r\n{}`;

  test.each([
    ['the versions', whole('300 Multiple Choices'), true],
    ['a refusal of a proxy', whole('401 Unauthorized'), true],
    ['a page that is not there', whole('404 Not Found'), true],
    ['500', whole('500 Internal Server Error'), true],
    ['502', whole('502 Bad Gateway'), false],
    ['503', whole('503 Service Unavailable'), false],
    ['504', whole('504 Gateway Timeout'), false],
    ['half an answer', 'HTTP/1.1 300 Multiple Choices\r\nContent-Length: 20\r\n\r\n{}', false],
    ['nothing', '', false],
  ])('takes %s for what it is', async (_, answer, isWell) => {
    expect(await probeOf(answer, true)).toBe(isWell);
    // An answer that does not end is none.
    expect(await probeOf(answer, false)).toBe(isWell);
  });
});
