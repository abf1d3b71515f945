import { afterEach, beforeEach, describe, expect, test } from 'vitest';
import { startSimulator } from '../../src/simulator/server.ts';
import { alice } from '../support/stack.ts';
import { get, simulator, start, stop } from './simulator.ts';

/* The faults that a test can inject into a simulated region. */

beforeEach(start);
afterEach(stop);

describe('faults', () => {
  test('reset, half a body and a region that is down break the connection, with and without an answer', async () => {
    simulator.inject({ kind: 'reset', times: 1 });
    await expect(get('volumes')).rejects.toThrow('fetch failed');
    simulator.inject({ kind: 'halfBody', times: 1 });
    const response = await get('volumes');
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
    await using down = await startSimulator({ regions: [{ code: 'kr2', down: true }], tokens: {} });
    await expect(fetch(`${down.endpoints.kr2}/v2/${alice.tenant}/types`)).rejects.toThrow('fetch failed');
    expect(down.requests).toEqual([]);
  });

  test.each([
    [401, 'error', undefined],
    [403, 'forbidden', undefined],
    [413, 'overLimit', '7'],
    [429, 'overLimit', undefined],
    [500, 'computeFault', undefined],
    [503, 'serviceUnavailable', undefined],
  ])('a status of %i comes as %s', async (status, key, wait) => {
    simulator.inject({ kind: 'status', status, headers: wait ? { 'Retry-After': wait } : {} });
    const response = await get('volumes');
    expect(response.status).toBe(status);
    const body = (await response.json()) as Record<string, { code: number; retryAfter?: string }>;
    expect(Object.keys(body)).toEqual([key]);
    expect(body[key]?.code).toBe(status);
    expect(body[key]?.retryAfter).toBe(wait);
    expect(response.headers.has('Www-Authenticate')).toBe(status === 401);
  });

  test("a page and a body of one's own come as given", async () => {
    simulator.inject({ kind: 'html', times: 1 });
    const page = await get('volumes');
    expect([page.status, page.headers.get('Content-Type')]).toEqual([503, 'text/html; charset=UTF-8']);
    expect(await page.text()).toContain('<h1>503 Service Unavailable</h1>');
    simulator.inject({ kind: 'body', body: '{"volumes": 7}', headers: { 'X-Odd': 'yes' } });
    const odd = await get('volumes');
    expect([odd.status, await odd.text(), odd.headers.get('X-Odd')]).toEqual([200, '{"volumes": 7}', 'yes']);
  });

  test('a fault strikes what it matches, as often as it says, first come first, and until it is removed', async () => {
    simulator.inject({
      kind: 'status',
      status: 500,
      region: 'kr1',
      method: 'GET',
      path: /volumes\/detail\?limit=3/g,
      times: 2,
    });
    const remove = simulator.inject({ kind: 'status', status: 503, path: /limit=3/ });
    expect((await get('volumes/detail?limit=2')).status).toBe(200);
    expect((await get('volumes/detail?limit=3', 'jp1')).status).toBe(503);
    const statuses = [];
    for (let times = 0; times < 3; times += 1) statuses.push((await get('volumes/detail?limit=3')).status);
    expect(statuses).toEqual([500, 500, 503]);
    remove();
    expect((await get('volumes/detail?limit=3')).status).toBe(200);
  });

  test('a delayed answer is the usual one and comes after those asked for later', async () => {
    simulator.inject({ kind: 'delay', ms: 100, path: /limit=1/ });
    const order: string[] = [];
    const slow = get('volumes?limit=1').then((response) => order.push(`slow ${response.status}`));
    await simulator.waitForRequests(1);
    await get('volumes?limit=2').then(() => order.push('fast'));
    await slow;
    expect(order).toEqual(['fast', 'slow 200']);
  });
});
