// What the contract tests cannot show, for a real service has none of it: faults, held answers, the log, the seed.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { DEMO_REGIONS, DEMO_TOKENS } from '../../src/simulator/demo.ts';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';

const TENANT = '6cdebe3eb0094910bc41f1d42ebe4cb7';
const OTHER = 'c0e5e63026e449e6b7e94c779021d150';

const VOLUME_STATUSES =
  `creating available attaching detaching in-use reserved maintenance deleting awaiting-transfer error
  error_deleting backing-up restoring-backup error_backing-up error_restoring error_extending downloading uploading retyping
  extending`.split(/\s+/);
const SNAPSHOT_STATUSES =
  'creating available backing-up deleting error deleted unmanaging restoring error_deleting'.split(' ');

let simulator: Simulator;

beforeEach(async () => {
  simulator = await startSimulator({
    regions: [{ code: 'kr1' }, { code: 'jp1' }],
    tokens: { good: TENANT, other: OTHER },
  });
});

afterEach(() => simulator[Symbol.asyncDispose]());

describe('faults', () => {
  test('reset, half a body and a region that is down break the connection, with and without an answer', async () => {
    simulator.inject({ kind: 'reset', times: 1 });
    await expect(get('volumes')).rejects.toThrow('fetch failed');
    simulator.inject({ kind: 'halfBody', times: 1 });
    const response = await get('volumes');
    expect(response.status).toBe(200);
    await expect(response.text()).rejects.toThrow('terminated');
    await using down = await startSimulator({ regions: [{ code: 'kr2', down: true }], tokens: {} });
    await expect(fetch(`${down.endpoints.kr2}/v2/${TENANT}/types`)).rejects.toThrow('fetch failed');
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

describe('the log', () => {
  test('keeps every request in order, with its path, headers and status', async () => {
    await get('volumes?limit=1');
    await fetch(`${simulator.endpoints.jp1}/nothing`, { headers: { 'X-Auth-Token': 'bad' } });
    expect(simulator.requests).toMatchObject([
      { region: 'kr1', method: 'GET', path: `/v2/${TENANT}/volumes?limit=1`, status: 200, aborted: false, done: true },
      { region: 'jp1', method: 'GET', path: '/nothing', status: 401, aborted: false, done: true },
    ]);
    expect(simulator.requests[0]?.headers['x-auth-token']).toBe('good');
    simulator.clearRequests();
    expect(simulator.requests).toEqual([]);
  });

  test('tells a client that left from one that was answered', async () => {
    simulator.inject({ kind: 'hang' });
    const controller = new AbortController();
    const left = get('volumes', 'kr1', controller.signal);
    await simulator.waitForRequests(1);
    expect(simulator.requests[0]).toMatchObject({ aborted: false, done: false });
    controller.abort();
    await expect(left).rejects.toThrow('aborted');
    await vi.waitUntil(() => simulator.requests[0]?.done);
    expect(simulator.requests[0]).toMatchObject({ aborted: true });
    expect(simulator.requests[0]).not.toHaveProperty('status');
  });

  test('answers nothing while it is held, and all once it is released', async () => {
    const release = simulator.hold();
    const answers = Promise.all([get('volumes'), get('snapshots'), get('types', 'jp1')]);
    await simulator.waitForRequests(3);
    expect(simulator.requests.map(({ done }) => done)).toEqual([false, false, false]);
    release();
    expect((await answers).map(({ status }) => status)).toEqual([200, 200, 200]);
  });

  test('a wait for more requests than come ends in an error that lists them', async () => {
    vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout'] });
    try {
      const wait = simulator.waitForRequests(2);
      const failure = expect(wait).rejects.toThrow(/2 requests awaited for 5000 ms, 0 came/);
      await vi.advanceTimersByTimeAsync(5000);
      await failure;
    } finally {
      vi.useRealTimers();
    }
  });
});

describe('rows', () => {
  test('an encrypted volume reads back with the id of its key, and never with the appkey', async () => {
    const encryption = { skm_appkey: 'SECRET', skm_key_id: 'key-1' };
    const created = await post('volumes', { volume: { size: 10, nhn_encryption: encryption } });
    expect(created.status).toBe(202);
    const text = await (await get('volumes/detail')).text();
    expect(text).not.toContain('SECRET');
    expect(JSON.parse(text).volumes).toMatchObject([
      { encrypted: true, nhn_encryption: { skm_key_version: 1, skm_key_id: 'key-1' } },
    ]);
  });

  test('without a delay the answer still says creating, and the next read says available, unless the name asks for time', async () => {
    const created = await (await post('volumes', { volume: { size: 1 } })).json();
    expect(created).toMatchObject({ volume: { status: 'creating', updated_at: null } });
    expect(await (await get('volumes/detail')).json()).toMatchObject({ volumes: [{ status: 'available' }] });
    await post('volumes', { volume: { size: 1, name: 'slow-60-disk' } });
    expect(await (await get('volumes/detail?limit=1')).json()).toMatchObject({ volumes: [{ status: 'creating' }] });
  });

  test('a delete that the backend fails ends in error_deleting, from which nothing leads away', async () => {
    const { id } = simulator.store('kr1').addVolume(TENANT, { name: 'fail-delete-me' });
    expect((await request('DELETE', `volumes/${id}`)).status).toBe(202);
    expect(await (await get(`volumes/${id}`)).json()).toMatchObject({ volume: { status: 'error_deleting' } });
    expect((await request('DELETE', `volumes/${id}`)).status).toBe(400);
  });

  test('rows added by hand are served, and their status can be set', async () => {
    const store = simulator.store('jp1');
    const volume = store.addVolume(TENANT, { name: 'mine', size: 7 });
    const snapshot = store.addSnapshot(TENANT, { volume_id: volume.id });
    store.setStatus(volume.id, 'retyping');
    expect(await (await get('volumes/detail', 'jp1')).json()).toMatchObject({
      volumes: [{ name: 'mine', status: 'retyping' }],
    });
    expect(await (await get('snapshots', 'jp1')).json()).toMatchObject({ snapshots: [{ id: snapshot.id, size: 7 }] });
    store.remove(volume.id);
    expect(await (await get('volumes', 'jp1')).json()).toEqual({ volumes: [] });
    expect(() => store.setStatus(volume.id, 'error')).toThrow(volume.id);
  });
});

describe('the seed', () => {
  const seeded = () =>
    startSimulator({ regions: DEMO_REGIONS.map((code) => ({ code })), tokens: DEMO_TOKENS, seed: true });

  test('is the same every time and different for every tenant and region', async () => {
    await using one = await seeded();
    await using two = await seeded();
    const ids = new Set<string>();
    for (const region of DEMO_REGIONS) {
      for (const tenant of [TENANT, OTHER]) {
        expect(two.store(region).volumes(tenant)).toEqual(one.store(region).volumes(tenant));
        expect(two.store(region).snapshots(tenant)).toEqual(one.store(region).snapshots(tenant));
        for (const { id } of one.store(region).volumes(tenant)) ids.add(id);
      }
    }
    expect(ids.size).toBe(6 * 120);
  });

  test('has the rows of the guide, every status, and a place left in the quota', async () => {
    await using demo = await seeded();
    const store = demo.store('kr1');
    const guide = store.volume('17975e9d-1533-40db-bd02-2072cd2ccb7f');
    expect(guide).toMatchObject({
      name: 'volume-f4f47065-300e-480e-8c9c-fb7ec985bffb',
      size: 50,
      volume_type: 'General HDD',
    });
    expect(store.snapshot('f63af601-43cd-41ab-8905-e1e93995f366')).toMatchObject({
      name: 'SNAPSHOT',
      volume_id: guide?.id,
    });
    expect(store.volumeTypes().map(({ id }) => id)).toContain('4e36aa51-df30-422e-aff1-eba1f3d9612f');
    for (const region of DEMO_REGIONS) {
      for (const tenant of [TENANT, OTHER]) {
        const [volumes, snapshots] = [demo.store(region).volumes(tenant), demo.store(region).snapshots(tenant)];
        expect(new Set(volumes.map(({ status }) => status))).toEqual(new Set(VOLUME_STATUSES));
        expect(new Set(snapshots.map(({ status }) => status))).toEqual(new Set(SNAPSHOT_STATUSES));
        const perVolume = Map.groupBy(snapshots, ({ volume_id }) => volume_id).values();
        expect(Math.max(...[...perVolume].map((group) => group.length))).toBe(25);
        expect([...volumes, ...snapshots].reduce((sum, { size }) => sum + size, 0)).toBeLessThan(90_000);
        for (const kind of [
          volumes.filter(({ attachments }) => attachments.length > 1),
          volumes.filter(({ nhn_encryption }) => nhn_encryption),
          volumes.filter(({ snapshot_id }) => snapshot_id && snapshots.some(({ id }) => id === snapshot_id)),
          volumes.filter(({ source_volid }) => source_volid),
          volumes.filter(({ bootable }) => bootable === 'true'),
          volumes.filter(({ name }) => name === null),
          volumes.filter(({ name }) => name && /\p{Emoji_Presentation}/u.test(name)),
        ]) {
          expect(kind.length).toBeGreaterThan(0);
        }
      }
    }
  });
});

test('run alone, it prints its endpoints and a call that works, and a region can be down', async () => {
  const env = { ...process.env, SIMULATOR_PORT: '0', SIMULATOR_DOWN: 'kr2' };
  const child = spawn(process.execPath, ['src/simulator/main.ts'], { env, stdio: ['ignore', 'pipe', 'inherit'] });
  const lines: string[] = [];
  for await (const line of createInterface(child.stdout)) {
    lines.push(line);
    if (line.startsWith('curl')) break;
  }
  const [, header = '', url = ''] = /-H '(.+?)' '(.+?)'/.exec(lines.at(-1) ?? '') ?? [];
  const [name = '', value = ''] = header.split(': ');
  expect((await (await fetch(url, { headers: { [name]: value } })).json()) as object).toHaveProperty(
    'volumes.length',
    2,
  );
  const [, down = ''] = /^kr2 +(\S+) +\(down\)$/m.exec(lines.join('\n')) ?? [];
  await expect(fetch(down)).rejects.toThrow('fetch failed');
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

function request(method: string, path: string, region = 'kr1', init: RequestInit = {}): Promise<Response> {
  const headers = { 'X-Auth-Token': 'good', ...(init.body ? { 'Content-Type': 'application/json' } : {}) };
  return fetch(`${simulator.endpoints[region]}/v2/${TENANT}/${path}`, { ...init, method, headers });
}

function get(path: string, region = 'kr1', signal: AbortSignal | null = null): Promise<Response> {
  return request('GET', path, region, { signal });
}

function post(path: string, body: object): Promise<Response> {
  return request('POST', path, 'kr1', { body: JSON.stringify(body) });
}
