import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  becomes,
  CONFLICT,
  call,
  callLine,
  closeContract,
  EXTENDED_KEYS,
  expectRefusal,
  filled,
  known,
  makeAttached,
  openContract,
  RUN,
  rows,
  SNAPSHOT_KEYS,
  VOLUME_KEYS,
} from './expect.ts';
import { PATIENCE, type Scratch } from './peer.ts';

let scratch: Scratch;

beforeAll(async () => {
  ({ scratch } = await openContract());
  known.v1 = await scratch.create('volume', { size: 1 });
  known.v4 = await scratch.create('volume', { size: 3 });
  known.s1 = await scratch.create('snapshot', { volume_id: known.v4 });
  await makeAttached();
});

afterAll(closeContract);

describe('what changes', () => {
  test('a create answers "creating" without the tenant, and trims, reads digits and finds a type by its id', async () => {
    const fields = { size: '1', name: `  ${RUN}-new  `, volume_type: known['type of General SSD'], metadata: null };
    const answer = await call('POST', 'volumes', { volume: fields });
    const [row] = rows(answer);
    scratch.adopt(`volumes/${row?.id}`);
    expect([answer.status, answer.type]).toEqual([202, 'application/json']);
    expect(Object.keys(row ?? {}).sort()).toEqual([...VOLUME_KEYS].sort());
    expect(row).toMatchObject({
      status: 'creating',
      size: 1,
      name: `${RUN}-new`,
      volume_type: 'General SSD',
      metadata: {},
    });
    expect(row?.created_at).toMatch(/^\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d\.\d{6}$/);
    await becomes(`volumes/${row?.id}`, 'available');
  });

  test('a volume still creating can be neither deleted nor copied', async () => {
    const [row] = rows(await call('POST', 'volumes', { volume: { size: 1, name: `slow-1-${RUN}` } }));
    known.slow = row?.id ?? '';
    scratch.adopt(`volumes/${known.slow}`);
    expect(rows(await callLine('GET volumes/{slow}'))[0]?.status).toBe('creating');
    // Until the scheduler has found a place for it, a volume is deleted without further ado.
    const snapshot = { volume_id: known.slow, force: true };
    const unplaced = 'Invalid volume: volume is not assigned to a host';
    const copy = () => call('POST', 'snapshots', { snapshot });
    await vi.waitUntil(async () => !(await copy()).text.includes(unplaced), PATIENCE);
    const words = 'Volume {slow} status must be available, in-use, but current status is: creating.';
    await expectRefusal(await copy(), '400 badRequest', `Invalid volume: ${words}`);
    await expectRefusal(await callLine('DELETE volumes/{slow}'), '400 badRequest', CONFLICT);
    const uploaded = await callLine('POST volumes/{slow}/action {"os-volume_upload_image": {"image_name": "i"}}');
    await expectRefusal(uploaded, '400 badRequest', 'Invalid volume: Volume {slow} status must be available');
  });

  test('a volume takes size, type and zone from its snapshot', async () => {
    const id = await scratch.create('volume', { snapshot_id: known.s1 });
    const [[row], [source]] = [rows(await call('GET', `volumes/${id}`)), rows(await callLine('GET volumes/{v4}'))];
    const { volume_type, availability_zone } = source ?? {};
    expect(row).toMatchObject({ status: 'available', size: 3, snapshot_id: known.s1, volume_type, availability_zone });
  });

  test('a snapshot is created, is shown, cannot be used or deleted before it is ready, and goes', async () => {
    const snapshot = { volume_id: known.attached, name: `slow-1-${RUN}`, description: 'd', force: true };
    const answer = await call('POST', 'snapshots', { snapshot });
    const [row] = rows(answer);
    const path = `snapshots/${row?.id}`;
    scratch.adopt(path);
    expect(answer.status).toBe(202);
    expect(Object.keys(row ?? {}).sort()).toEqual([...SNAPSHOT_KEYS].sort());
    expect(row).toMatchObject({ status: 'creating', description: 'd', size: 1, volume_id: known.attached });
    const early = await call('POST', 'volumes', { volume: { size: 1, snapshot_id: row?.id } });
    const words = "Invalid snapshot: Originating snapshot status must be one of 'available' values";
    await expectRefusal(early, '400 badRequest', words);
    const refusal = 'Invalid snapshot: Snapshot status must be available or error and must not be part of a group.';
    await expectRefusal(await call('DELETE', path), '400 badRequest', refusal);
    await becomes(path, 'available');
    expect(rows(await call('GET', path))[0]).toHaveProperty(EXTENDED_KEYS[1] ?? '', '100%');
  });

  test('a delete answers 202 empty and typed text/html; the volume is deleting, then gone', async () => {
    const path = `volumes/${await scratch.create('volume', { size: 1, name: `slow-0.5-${RUN}` })}`;
    const answer = await call('DELETE', path);
    expect([answer.status, answer.type, answer.text]).toEqual([202, 'text/html', '']);
    expect(answer.headers.get('X-Openstack-Request-Id')).toMatch(/^req-/);
    expect(answer.headers.has('X-Compute-Request-Id')).toBe(false);
    expect(rows(await call('GET', path))[0]?.status).toBe('deleting');
    await expectRefusal(await call('DELETE', path), '400 badRequest', CONFLICT);
    await expect.poll(async () => (await call('GET', path)).status, PATIENCE).toBe(404);
  });

  test.each([
    ['kr1', { visibility: 'private', protected: false }, '{v1}'],
    ['kr1', {}, '{attached}'],
    ['jp1', {}, '{jp}'],
  ])(
    'an upload in %s with %j answers the type as an object, and the volume comes back',
    async (region, extra, volume) => {
      known.jp ??= await scratch.create('volume', { size: 1 }, 'jp1');
      const path = filled(`volumes/${volume}`);
      const [before] = rows(await call('GET', path, undefined, { region }));
      const upload = {
        image_name: 'VOLUME IMAGE',
        force: true,
        disk_format: 'qcow2',
        container_format: 'bare',
        ...extra,
      };
      const answer = await call('POST', `${path}/action`, { 'os-volume_upload_image': upload }, { region });
      expect(answer.status).toBe(202);
      const [image] = rows(answer);
      const keys = ['id', 'updated_at', 'status', 'display_description', 'size', 'volume_type', 'image_id'];
      const imageKeys = ['container_format', 'disk_format', 'image_name', 'protected', 'visibility'];
      expect(Object.keys(image ?? {}).sort()).toEqual([...keys, ...imageKeys].sort());
      expect(image).toMatchObject({
        status: 'uploading',
        visibility: region === 'jp1' ? 'shared' : 'private',
        image_name: 'VOLUME IMAGE',
        volume_type: { name: 'General HDD' },
      });
      await becomes(path, before?.status ?? '', region);
    },
  );

  test('a stock region refuses visibility and protected in an upload', async () => {
    known.jp ??= await scratch.create('volume', { size: 1 }, 'jp1');
    const body = { 'os-volume_upload_image': { image_name: 'i', visibility: 'private', protected: false } };
    const answer = await call('POST', `volumes/${known.jp}/action`, body, { region: 'jp1' });
    const value = "{'image_name': 'i', 'visibility': 'private', 'protected': False}";
    const words = `Value: ${value}. Additional properties are not allowed (…`;
    await expectRefusal(answer, '400 badRequest', `Invalid input for field/attribute os-volume_upload_image. ${words}`);
  });
});

describe('over MariaDB', () => {
  const region = 'kr2';

  test('times are whole seconds, but for a snapshot at the moment it is made', async () => {
    const volume = await scratch.create('volume', { size: 1 }, region);
    expect(rows(await call('GET', `volumes/${volume}`, undefined, { region }))[0]?.created_at).toMatch(/\.000000$/);
    const made: string[] = [];
    // One moment in a million is a whole second itself.
    for (let times = 0; times < 2; times += 1) {
      const answer = await call('POST', 'snapshots', { snapshot: { volume_id: volume } }, { region });
      const [row] = rows(answer);
      scratch.adopt(`snapshots/${row?.id}`, region);
      made.push(row?.created_at ?? '');
      const [back] = rows(await call('GET', `snapshots/${row?.id}`, undefined, { region }));
      expect(back?.created_at).toBe(`${row?.created_at.slice(0, 19)}.000000`);
    }
    expect(made.some((time) => !time.endsWith('.000000'))).toBe(true);
  });

  test('names and ids compare without case, and an emoji in a name is refused', async () => {
    const id = await scratch.create('volume', { size: 1, name: `${RUN}-Case` }, region);
    const found = await call('GET', `volumes?name=${RUN.toUpperCase()}-cASE`, undefined, { region });
    expect(rows(found).map((row) => row.id)).toEqual([id]);
    expect((await call('GET', `volumes/${id.toUpperCase()}`, undefined, { region })).status).toBe(200);
    expect((await callLine(`GET volumes/${known.v1?.toUpperCase()}`)).status).toBe(404);
    const emoji = await call('POST', 'volumes', { volume: { size: 1, name: '💾' } }, { region });
    await expectRefusal(emoji, '400 badRequest', 'Error writing field to database');
  });
});
