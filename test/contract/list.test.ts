import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import {
  call,
  callLine,
  closeContract,
  EXTENDED_KEYS,
  known,
  makeAttached,
  makeVolumes,
  nextLink,
  openContract,
  RUN,
  rows,
  SNAPSHOT_KEYS,
  VOLUME_KEYS,
} from './expect.ts';
import type { Peer, PeerAnswer, Scratch } from './peer.ts';

let peer: Peer;
let scratch: Scratch;

beforeAll(async () => {
  ({ peer, scratch } = await openContract());
  await makeVolumes();
  known.s1 = await scratch.create('snapshot', { volume_id: known.v4, name: `${RUN}-b` });
  known.s2 = await scratch.create('snapshot', { volume_id: known.v2, name: `${RUN}-a` });
  known.s3 = await scratch.create('snapshot', { volume_id: known.v4 });
  known.bobs = await scratch.create('volume', { size: 1 }, 'kr1', peer.bob);
  await makeAttached();
});

afterAll(closeContract);

describe('what is shown', () => {
  test.each([
    ['volumes', ['id', 'name', 'links']],
    ['volumes/detail', [...VOLUME_KEYS, 'os-vol-tenant-attr:tenant_id']],
    ['volumes/{v1}', [...VOLUME_KEYS, 'os-vol-tenant-attr:tenant_id']],
    ['snapshots', SNAPSHOT_KEYS],
    ['snapshots/detail', [...SNAPSHOT_KEYS, ...EXTENDED_KEYS]],
    ['snapshots/{s1}', [...SNAPSHOT_KEYS, ...EXTENDED_KEYS]],
    ['types', ['id', 'name', 'is_public', 'description', 'extra_specs', 'os-volume-type-access:is_public']],
    [
      'types/{type of General SSD}',
      ['id', 'name', 'is_public', 'description', 'extra_specs', 'os-volume-type-access:is_public'],
    ],
  ])('%s shows these keys and no others', async (path, keys) => {
    const answer = await callLine(`GET ${path}`);
    expect([answer.status, answer.type]).toEqual([200, 'application/json']);
    expect(Object.keys(rows(answer)[0] ?? {}).sort()).toEqual([...keys].sort());
    expect(answer.headers.get('X-Compute-Request-Id')).toBe(answer.headers.get('X-Openstack-Request-Id'));
  });

  test('an attached volume is in-use, names its server and has gained metadata', async () => {
    const [row] = rows(await callLine('GET volumes/{attached}'));
    expect(row).toMatchObject({ status: 'in-use', bootable: 'false', encrypted: false, multiattach: false });
    expect(row?.metadata).toEqual({ k: 'v', readonly: 'False', attached_mode: 'rw' });
    const keys = ['id', 'attachment_id', 'volume_id', 'server_id', 'host_name', 'device', 'attached_at'];
    const [attachment] = row?.attachments ?? [];
    expect(Object.keys(attachment ?? {}).sort()).toEqual(keys.sort());
    expect(attachment).toMatchObject({ id: row?.id, volume_id: row?.id, device: '/dev/vdb' });
  });

  test('links follow the host that a proxy forwards, by http', async () => {
    const headers = { 'X-Forwarded-Host': 'storage.example', 'X-Forwarded-Proto': 'https' };
    const answer = await call('GET', 'volumes?limit=1', undefined, { headers });
    expect(nextLink(answer)).toMatch(/^http:\/\/storage\.example\/v2\//);
  });

  test('a stock region shows members no extra_specs, and its types are newest first', async () => {
    const [type] = rows(await call('GET', 'types', undefined, { region: 'jp1' }));
    expect(Object.keys(type ?? {})).not.toContain('extra_specs');
    expect(type?.name).toBe('General SSD');
    expect(type?.volume_type).toBeUndefined();
  });
});

describe('lists', () => {
  const mine = `metadata=${encodeURIComponent(`{'run':'${RUN}'}`)}`;

  test.each([
    ['', '54321'],
    ['&sort=name:asc', '52431'],
    ['&sort=name', '13425'],
    ['&sort=display_name:asc&limit=3', '524'],
    ['&sort=size:desc,name:asc', '42351'],
    ['&sort=size:asc', '15234'],
    ['&sort=size', '43251'],
    ['&sort_key=size&sort_dir=asc', '15234'],
    ['&sort=created_at:asc&limit=2&marker={v2}', '34'],
    ['&sort=created_at:asc&offset=3', '45'],
    ['&limit=2&offset=1', '43'],
    ['&limit=2&limit=4', '54'],
    ['&limit=0', ''],
    ['&offset=1000', ''],
    ['&limit=99999', '54321'],
    ['&marker={bobs}', '54321'],
    ['&size=2', '32'],
    ['&name={run}-b', '4'],
    ['&name={run}-B', ''],
    ['&status=available&bootable=false&size=1', '51'],
    ['&status=error', ''],
    ['&volume_type=No+Such&id={unknown}&foo=bar&all_tenants=1&with_count=true', '54321'],
    ['&size=1&size=3', '4'],
  ])('volumes?…%s are volumes "%s" in that order', async (query, expected) => {
    for (const path of ['volumes', 'volumes/detail']) {
      const answer = await callLine(`GET ${path}?${mine}${query}`);
      expect(
        rows(answer)
          .map(({ id }) => [1, 2, 3, 4, 5].find((n) => known[`v${n}`] === id))
          .join(''),
      ).toBe(expected);
    }
  });

  test.each([
    ['volume_id={v4}', '31'],
    ['volume_id={v4}&volume_id={v2}', '2'],
    ['volume_id={v4},{v2}', ''],
    ['volume_id={v4}&sort=display_name', '13'],
    ['volume_id={v4}&sort=volume_size:asc,display_name:asc', '31'],
    ['volume_id={v4}&limit=1&offset=1', '1'],
    ['volume_id={v4}&marker={s3}', '1'],
    ['volume_id={v4}&status=available&name={run}-b', '1'],
    ['volume_id={v4}&status=error', ''],
    ['volume_id={v4}&foo=bar&with_count=true', '31'],
  ])('snapshots?%s are snapshots "%s" in that order', async (query, expected) => {
    for (const path of ['snapshots', 'snapshots/detail']) {
      const answer = await callLine(`GET ${path}?${query}`);
      expect(
        rows(answer)
          .map(({ id }) => [1, 2, 3].find((n) => known[`s${n}`] === id))
          .join(''),
      ).toBe(expected);
    }
  });

  test('a full page has a next link, also when nothing follows, and only then', async () => {
    const full = await callLine(`GET volumes/detail?${mine}&limit=5&sort=name:asc`);
    expect(nextLink(full)).toBe(
      `${peer.region('kr1').endpoint}/v2/${known.tenant}/volumes/detail?` +
        new URLSearchParams([
          ['metadata', `{'run':'${RUN}'}`],
          ['limit', '5'],
          ['sort', 'name:asc'],
          ['marker', known.v1 ?? ''],
        ]),
    );
    const empty = await callLine(`GET volumes/detail?${mine}&limit=5&sort=name:asc&marker={v1}`);
    expect(empty.json).toEqual({ volumes: [] });
    expect(nextLink(await callLine(`GET volumes?${mine}&limit=6`))).toBeUndefined();
    expect((await callLine('GET snapshots?volume_id={v4}&limit=2')).json).toHaveProperty('snapshots_links');
    expect((await callLine('GET types?limit=1')).json).toHaveProperty('volume_type_links');
  });

  test.each(['', '&sort=name:asc', '&sort=name:desc', '&sort=size:asc', '&sort=status:asc,size:desc'])(
    'next links of ?limit=2%s meet each volume exactly once',
    async (query) => {
      const met = await walk(`volumes?${mine}&limit=2${query}`);
      expect(met).toHaveLength(5);
      expect(new Set(met)).toEqual(new Set([1, 2, 3, 4, 5].map((n) => known[`v${n}`])));
    },
  );

  test('next links keep the offset and so skip a volume per page', async () => {
    expect(await walk(`volumes?${mine}&limit=2&offset=1`)).toEqual([known.v4, known.v3, known.v1]);
  });

  test('a region cuts pages at its own maximum and links on, with and without an asked limit', async () => {
    const region = 'jp1';
    const fields = { size: 1, metadata: { run: RUN } };
    await Promise.all(Array.from({ length: 11 }, () => scratch.create('volume', fields, region)));
    for (const asked of ['', '&limit=50']) {
      const page = await call('GET', `volumes?${mine}${asked}`, undefined, { region });
      expect(rows(page)).toHaveLength(10);
      expect(new URL(nextLink(page) ?? '').searchParams.get('limit')).toBe(asked ? '50' : null);
    }
    expect(await walk(`volumes?${mine}`, region)).toHaveLength(11);
  });
});

async function walk(path: string, region = 'kr1'): Promise<string[]> {
  const ids: string[] = [];
  let next: string | undefined = path;
  while (next) {
    const page: PeerAnswer = await call('GET', next, undefined, { region });
    ids.push(...rows(page).map(({ id }) => id));
    const link = nextLink(page);
    next = link?.slice(peer.region(region).endpoint.length);
  }
  return ids;
}
