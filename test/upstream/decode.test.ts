import fc from 'fast-check';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { createClient } from '../../src/block-storage/client.ts';
import { followableVolume, Volume } from '../../src/block-storage/volume.ts';
import type { Caller } from '../../src/upstream/send.ts';
import { type CannedUpstream, startCanned } from '../support/canned.ts';
import { SnapshotsInFullDocument, VolumesInFullDocument } from '../support/documents.ts';
import { ask } from '../support/query.ts';
import { regionAt } from '../support/region.ts';
import { alice, type GatewayUnderTest, startGateway } from '../support/stack.ts';

/* Rows as they should not be. An odd value costs its own field, a row without an id itself, and nothing else. */

let upstream: CannedUpstream;
let gateway: GatewayUnderTest;
let volumes: unknown[] = [];
let snapshots: unknown[] = [];

beforeAll(async () => {
  upstream = await startCanned(({ path }) => {
    if (path.startsWith('/types')) return { body: { volume_types: [] } };
    return { body: path.startsWith('/snapshots') ? { snapshots } : { volumes } };
  });
  gateway = await startGateway({ kr1: upstream.endpoint });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

const uuid = '17975e9d-1533-40db-bd02-2072cd2ccb7f';
const other = '00000000-0000-4000-8000-000000000001';

const volume = {
  id: uuid,
  name: 'a volume',
  description: 'described',
  status: 'in-use',
  size: 10,
  availability_zone: 'kr-pub-a',
  bootable: 'true',
  encrypted: true,
  multiattach: true,
  metadata: { k: 'v' },
  created_at: '2018-12-18T05:43:12.000000',
  user_id: 'user',
  consistencygroup_id: 'group',
  replication_status: 'disabled',
  'os-volume-replication:extended_status': 'extended',
  'os-volume-replication:driver_data': 'driver',
  'os-vol-tenant-attr:tenant_id': alice.tenant,
  nhn_encryption: { skm_key_id: 'key', skm_key_version: 3 },
  links: [{ rel: 'self', href: 'https://x' }],
  volume_type: null,
  snapshot_id: null,
  source_volid: null,
  attachments: [{ id: uuid, attachment_id: other, volume_id: uuid, server_id: other, device: '/dev/vdb' }],
};

/** Wire member to the field that shows it. */
const fields: Record<string, string[]> = {
  name: ['name'],
  description: ['description'],
  status: ['status', 'statusText'],
  size: ['size'],
  availability_zone: ['availabilityZone'],
  bootable: ['bootable'],
  encrypted: ['encrypted'],
  multiattach: ['multiattach'],
  metadata: ['metadata'],
  created_at: ['createdAt'],
  user_id: ['userId'],
  consistencygroup_id: ['consistencyGroupId'],
  replication_status: ['replication'],
  'os-volume-replication:extended_status': ['replication'],
  'os-volume-replication:driver_data': ['replication'],
  nhn_encryption: ['encryption'],
  links: ['links'],
  volume_type: ['volumeTypeName', 'volumeType'],
  snapshot_id: ['sourceSnapshotUuid', 'sourceSnapshot'],
  source_volid: ['sourceVolumeUuid', 'sourceVolume'],
  attachments: ['attachments'],
};

async function readVolumes() {
  const { region } = await ask(gateway, VolumesInFullDocument, { region: 'KR1', first: 100 });
  return region?.volumes?.nodes as Record<string, unknown>[];
}

test('an odd value in one member costs its own field and no other', async () => {
  volumes = [volume];
  const [good] = await readVolumes();
  const odd = fc.oneof(fc.jsonValue(), fc.constantFrom('null', '', -1, 1e30, 'NaN', [], [null], {}, [[{}]]));
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(fields)), odd, async (member, value) => {
      volumes = [{ ...volume, [member]: value }];
      const [read] = await readVolumes();
      const own = fields[member] ?? [];
      for (const field of Object.keys(good ?? {})) {
        if (!own.includes(field)) expect(read?.[field], field).toEqual(good?.[field]);
      }
    }),
    { numRuns: 400 },
  );
});

test('a change in any member that a field shows changes what subscriptions compare', () => {
  // Decoding asks nothing of the caller, and sends nothing.
  const client = createClient(() => Promise.reject(new Error('a call too many')), {} as Caller, regionAt());
  const stateOf = (wire: Record<string, unknown>) => followableVolume.stateOf(new Volume(wire, uuid, client));
  const wire: Record<string, unknown> = volume;
  const unchanged = Object.keys(fields).filter(
    (member) => stateOf({ ...wire, [member]: wire[member] === null ? other : null }) === stateOf(wire),
  );
  expect(unchanged).toEqual([]);
});

test('a missing member reads as null, and a status as UNKNOWN', async () => {
  volumes = [{ id: uuid.toUpperCase() }];
  const [read] = await readVolumes();
  expect(read).toMatchObject({ uuid, status: 'UNKNOWN', statusText: null, name: null, size: null, attachments: null });
});

test.each([
  ['frozen-in-time', 'UNKNOWN'],
  ['toString', 'UNKNOWN'],
  ['in-use', 'IN_USE'],
  ['error_backing-up', 'ERROR_BACKING_UP'],
  [null, 'UNKNOWN'],
])('the status %j reads as %s, with its own word as statusText', async (status, expected) => {
  volumes = [{ ...volume, status }];
  expect(await readVolumes()).toMatchObject([{ status: expected, statusText: status }]);
});

test.each([
  ['2018-12-18T05:43:12.000000', '2018-12-18T05:43:12.000Z'],
  ['2018-12-18T05:43:12.123456', '2018-12-18T05:43:12.123Z'],
  ['2018-12-18T05:43:12', '2018-12-18T05:43:12.000Z'],
  ['2018-12-18T05:43:12Z', '2018-12-18T05:43:12.000Z'],
  ['2018-12-18T05:43:12.5+09:00', '2018-12-17T20:43:12.500Z'],
  ['2018-12-18 05:43:12', '2018-12-18T05:43:12.000Z'],
  ['2018-13-41T05:43:12', null],
  ['yesterday', null],
  [1545111792, null],
])('the time %j reads as %j', async (created, expected) => {
  volumes = [{ ...volume, created_at: created }];
  expect(await readVolumes()).toMatchObject([{ createdAt: expected }]);
});

test('bootable is read from text and from a boolean', async () => {
  for (const [wire, read] of [
    ['true', true],
    ['True', true],
    ['false', false],
    [true, true],
    ['yes', null],
  ]) {
    volumes = [{ ...volume, bootable: wire }];
    expect(await readVolumes()).toMatchObject([{ bootable: read }]);
  }
});

test('rows without a usable id are left out and logged; the others stay', async () => {
  volumes = [{ ...volume, id: null }, volume, null, 'text', { ...volume, id: '../types' }, {}];
  expect(await readVolumes()).toHaveLength(1);
  expect(gateway.log.join('')).toContain('a row without a usable id was left out');
});

test('attachments without a usable id are left out; the volume stays', async () => {
  volumes = [{ ...volume, attachments: [{ server_id: other }, 7, ...volume.attachments] }];
  expect(await readVolumes()).toMatchObject([{ attachments: [{ uuid: other }] }]);
});

test('an odd value in one member of a snapshot costs its own field and no other', async () => {
  const snapshot = {
    id: uuid,
    name: 's',
    description: 'd',
    status: 'available',
    size: 1,
    created_at: '2020-03-03T11:03:40.000000',
    metadata: {},
    volume_id: other,
    'os-extended-snapshot-attributes:progress': '100%',
  };
  snapshots = [snapshot];
  const read = async () =>
    (await ask(gateway, SnapshotsInFullDocument, { region: 'KR1' })).region?.snapshots?.nodes?.[0];
  const good: Record<string, unknown> = { ...(await read()) };
  const own: Record<string, string[]> = {
    status: ['status', 'statusText'],
    created_at: ['createdAt'],
    volume_id: ['volumeUuid'],
    'os-extended-snapshot-attributes:progress': ['progress'],
  };
  await fc.assert(
    fc.asyncProperty(fc.constantFrom(...Object.keys(snapshot).slice(1)), fc.jsonValue(), async (member, value) => {
      snapshots = [{ ...snapshot, [member]: value }];
      const changed: Record<string, unknown> = { ...(await read()) };
      for (const field of Object.keys(good)) {
        if (!(own[member] ?? [member]).includes(field)) expect(changed[field], field).toEqual(good[field]);
      }
    }),
    { numRuns: 200 },
  );
  snapshots = [];
});

test.each([null, undefined])(
  'a create answer that says %s of the tenant is of the one it was created for',
  async (said) => {
    const row = { ...volume, 'os-vol-tenant-attr:tenant_id': said };
    await using creating = await startCanned(() => ({ status: 202, body: { volume: row } }));
    await using one = await startGateway({ kr1: creating.endpoint });
    const { createVolume } = await one.data(
      'mutation { createVolume(input: { region: KR1, size: 1 }) { volume { tenantId } } }',
    );
    expect(createVolume.volume).toEqual({ tenantId: alice.tenant });
  },
);
