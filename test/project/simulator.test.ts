import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { createInterface } from 'node:readline';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { alice } from '../support/stack.ts';
import { get, post, request, simulator, start, stop } from './simulator.ts';

/* Held answers, the log and the rows of the simulator. The contract tests cannot show them: a real service has none of it. */

beforeEach(start);
afterEach(stop);

describe('the log', () => {
  test('keeps every request in order, with its path, headers and status', async () => {
    await get('volumes?limit=1');
    await fetch(`${simulator.endpoints.jp1}/nothing`, { headers: { 'X-Auth-Token': 'bad' } });
    expect(simulator.requests).toMatchObject([
      {
        region: 'kr1',
        method: 'GET',
        path: `/v2/${alice.tenant}/volumes?limit=1`,
        status: 200,
        aborted: false,
        done: true,
      },
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
    const { id } = simulator.store('kr1').addVolume(alice.tenant, { name: 'fail-delete-me' });
    expect((await request('DELETE', `volumes/${id}`)).status).toBe(202);
    expect(await (await get(`volumes/${id}`)).json()).toMatchObject({ volume: { status: 'error_deleting' } });
    expect((await request('DELETE', `volumes/${id}`)).status).toBe(400);
  });

  test('rows added by hand are served, and their status can be set', async () => {
    const store = simulator.store('jp1');
    const volume = store.addVolume(alice.tenant, { name: 'mine', size: 7 });
    const snapshot = store.addSnapshot(alice.tenant, { volume_id: volume.id });
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
