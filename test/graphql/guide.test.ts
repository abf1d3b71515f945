import { readFileSync } from 'node:fs';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type CannedUpstream, startCanned } from '../support/canned.ts';
import {
  CreateSnapshotDocument,
  CreateVolumeDocument,
  DeleteSnapshotDocument,
  DeleteVolumeDocument,
  SnapshotInFullByIdDocument,
  SnapshotsInFullDocument,
  UploadVolumeToImageDocument,
  VolumeInFullByIdDocument,
  VolumesInFullDocument,
  VolumeTypesInFullDocument,
} from '../support/documents.ts';
import { ask } from '../support/query.ts';
import { alice, type GatewayUnderTest, startGateway } from '../support/stack.ts';

/*
 * Every call of the guide, asked through GraphQL and answered with the guide's own examples, as they stand there.
 * What is asked upstream, and what of the example comes out, is held against the guide's text field by field.
 */

const example = (name: string) =>
  JSON.parse(readFileSync(new URL(`../fixtures/${name}.json`, import.meta.url), 'utf8'));

const deleted = { status: 202, headers: { 'content-type': 'text/html; charset=UTF-8' }, body: '' };

const answers: Record<string, unknown> = {
  'GET /types': example('list-types'),
  'GET /volumes': example('list-volumes'),
  'GET /volumes/detail': example('list-volumes-detail'),
  'GET /volumes/17975e9d-1533-40db-bd02-2072cd2ccb7f': example('get-volume'),
  'POST /volumes': example('create-volume'),
  'POST /volumes/d16d64e8-a5c9-47fe-a559-1119778c739c/action': example('upload'),
  'GET /snapshots': example('list-snapshots'),
  'GET /snapshots/detail': example('list-snapshots-detail'),
  'GET /snapshots/f63af601-43cd-41ab-8905-e1e93995f366': example('get-snapshot'),
  'POST /snapshots': example('create-snapshot'),
};

let upstream: CannedUpstream;
let gateway: GatewayUnderTest;

beforeAll(async () => {
  upstream = await startCanned(({ method, path }) => {
    if (method === 'DELETE') return deleted;
    const body = answers[`${method} ${path.split('?')[0]}`];
    if (body) return { status: method === 'GET' ? 200 : 202, body };
    return { status: 404, body: { itemNotFound: { code: 404, message: `${path} could not be found.` } } };
  });
  gateway = await startGateway({ kr1: upstream.endpoint });
});

afterAll(async () => {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
});

/** The requests that `act` makes upstream. */
async function requestsOf<Result>(act: () => Promise<Result>) {
  upstream.requests.length = 0;
  const result = await act();
  return { result, requests: upstream.requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`) };
}

const endpoint = 'https://kr1-api-block-storage.infrastructure.cloud.toast.com';
const volumeLinks = (uuid: string, tenant = alice.tenant) => [
  { rel: 'self', href: `${endpoint}/v2/${tenant}/volumes/${uuid}` },
  { rel: 'bookmark', href: `${endpoint}/${tenant}/volumes/${uuid}` },
];

/** What the guide's example volume must read as; relations aside, which are other calls. */
const guideVolume = {
  uuid: '17975e9d-1533-40db-bd02-2072cd2ccb7f',
  region: { code: 'KR1' },
  tenantId: '6cdebe3eb0094910bc41f1d42ebe4cb7',
  name: 'volume-f4f47065-300e-480e-8c9c-fb7ec985bffb',
  description: null,
  status: 'AVAILABLE',
  statusText: 'available',
  size: 50,
  availabilityZone: 'kr-pub-a',
  bootable: false,
  encrypted: false,
  multiattach: false,
  metadata: {},
  createdAt: '2018-12-18T05:43:12.000Z',
  userId: '5e6524d826084188ae549815b3e33380',
  consistencyGroupId: null,
  replication: { status: 'disabled', extendedStatus: null, driverData: null },
  encryption: null,
  links: volumeLinks('17975e9d-1533-40db-bd02-2072cd2ccb7f'),
  volumeTypeName: 'General HDD',
  volumeType: { uuid: '6bda35e2-b2b9-497a-8f65-67a73839c856' },
  sourceSnapshotUuid: null,
  sourceVolumeUuid: null,
  attachments: [],
  snapshots: { nodes: [{ uuid: 'f63af601-43cd-41ab-8905-e1e93995f366' }] },
};

const guideSnapshot = {
  uuid: 'f63af601-43cd-41ab-8905-e1e93995f366',
  region: { code: 'KR1' },
  name: 'SNAPSHOT',
  description: '',
  status: 'AVAILABLE',
  statusText: 'available',
  size: 50,
  createdAt: '2020-03-03T11:03:40.000Z',
  metadata: {},
  progress: '100%',
  projectId: '6cdebe3eb0094910bc41f1d42ebe4cb7',
  volumeUuid: '17975e9d-1533-40db-bd02-2072cd2ccb7f',
};

test('List Block Storage Types: every field of the example is served', async () => {
  const { result, requests } = await requestsOf(() => ask(gateway, VolumeTypesInFullDocument, { region: 'KR1' }));
  expect(requests).toEqual(['GET /types']);
  expect(result.region?.volumeTypes?.nodes).toMatchObject([
    {
      uuid: '6bda35e2-b2b9-497a-8f65-67a73839c856',
      region: { code: 'KR1' },
      name: 'General HDD',
      description: null,
      isPublic: true,
      extraSpecs: { volume_backend_name: 'hdd_general' },
    },
    {
      uuid: '4e36aa51-df30-422e-aff1-eba1f3d9612f',
      region: { code: 'KR1' },
      name: 'General SSD',
      description: null,
      isPublic: true,
      extraSpecs: { volume_backend_name: 'ssd_general' },
    },
  ]);
});

test('List Block Storage: ids, names and links come from the short list', async () => {
  const { result, requests } = await requestsOf(() =>
    gateway.data('{ region(code: KR1) { volumes { nodes { id uuid name region { code } links { rel href } } } } }'),
  );
  expect(requests).toEqual(['GET /volumes']);
  expect(result.region.volumes.nodes).toMatchObject([
    {
      uuid: '90712f4f-2faa-4e4f-8eb1-9313a8595570',
      name: null,
      region: { code: 'KR1' },
      links: volumeLinks('90712f4f-2faa-4e4f-8eb1-9313a8595570'),
    },
  ]);
});

test('List Block Storage Details: every field of the example is served', async () => {
  const { result, requests } = await requestsOf(() => ask(gateway, VolumesInFullDocument, { region: 'KR1' }));
  expect(requests.toSorted()).toEqual(['GET /snapshots/detail', 'GET /types', 'GET /volumes/detail']);
  expect(result.region?.volumes?.nodes).toMatchObject([guideVolume]);
});

test('Get Block Storage: every field of the example is served', async () => {
  const variables = { id: '17975e9d-1533-40db-bd02-2072cd2ccb7f', region: 'KR1' } as const;
  const { result, requests } = await requestsOf(() => ask(gateway, VolumeInFullByIdDocument, variables));
  expect(requests).toContain('GET /volumes/17975e9d-1533-40db-bd02-2072cd2ccb7f');
  expect(result.volume).toMatchObject(guideVolume);
});

test('Create Block Storage: the request is the guide’s, what is left out stays out, and the tenant is the request’s', async () => {
  const { result } = await requestsOf(() =>
    ask(gateway, CreateVolumeDocument, {
      input: {
        region: 'KR1',
        size: 10,
        name: 'DATA',
        description: 'd',
        volumeType: 'General HDD',
        availabilityZone: 'kr-pub-a',
        snapshotId: 'F63AF601-43CD-41AB-8905-E1E93995F366',
        metadata: { k: 'v' },
        encryption: { appKey: 'app', keyId: 'key' },
      },
    }),
  );
  const [request] = upstream.requests;
  expect(request?.path).toBe('/volumes');
  expect(request?.tenant).toBe(alice.tenant);
  expect(JSON.parse(request?.body ?? '')).toEqual({
    volume: {
      size: 10,
      name: 'DATA',
      description: 'd',
      volume_type: 'General HDD',
      availability_zone: 'kr-pub-a',
      snapshot_id: 'f63af601-43cd-41ab-8905-e1e93995f366',
      metadata: { k: 'v' },
      nhn_encryption: { skm_appkey: 'app', skm_key_id: 'key' },
    },
  });
  expect(result.createVolume?.volume).toMatchObject({
    uuid: '87882cf4-ca05-4ef2-b598-b93b2caf041e',
    tenantId: alice.tenant,
    name: 'DATA',
    description: null,
    status: 'CREATING',
    statusText: 'creating',
    size: 10,
    availabilityZone: 'kr-pub-a',
    bootable: false,
    encrypted: false,
    multiattach: false,
    metadata: {},
    createdAt: '2020-03-03T10:54:33.163Z',
    userId: '94acd5b4d2bf47dda734e34a113f96ff',
    consistencyGroupId: null,
    replication: { status: 'disabled' },
    links: volumeLinks('87882cf4-ca05-4ef2-b598-b93b2caf041e', 'c0e5e63026e449e6b7e94c779021d150'),
    volumeTypeName: 'General HDD',
    sourceSnapshotUuid: null,
    sourceVolumeUuid: null,
    attachments: [],
  });
});

test('Delete Block Storage: an empty 202 is success, and the volume is read anew', async () => {
  const input = { id: '17975e9d-1533-40db-bd02-2072cd2ccb7f', region: 'KR1' } as const;
  const { result, requests } = await requestsOf(() => ask(gateway, DeleteVolumeDocument, { input }));
  expect(requests).toEqual([`DELETE /volumes/${input.id}`, `GET /volumes/${input.id}`]);
  expect(upstream.requests[0]).toMatchObject({ body: '' });
  expect(upstream.requests[0]?.headers).not.toHaveProperty('content-type');
  expect(result.deleteVolume).toMatchObject({ volume: { status: 'AVAILABLE' } });
});

test('Create Image with Block Storage: the guide’s request gives the guide’s answer, "null" read as null', async () => {
  const asked = example('upload-request')['os-volume_upload_image'];
  const { result } = await requestsOf(() =>
    ask(gateway, UploadVolumeToImageDocument, {
      input: {
        volumeId: 'd16d64e8-a5c9-47fe-a559-1119778c739c',
        region: 'KR1',
        imageName: asked.image_name,
        force: asked.force,
        diskFormat: asked.disk_format,
        containerFormat: asked.container_format,
        visibility: 'PRIVATE',
        protected: asked.protected,
      },
    }),
  );
  expect(JSON.parse(upstream.requests[0]?.body ?? '')).toEqual(example('upload-request'));
  expect(result.uploadVolumeToImage?.image).toEqual({
    imageId: '01956bf6-5609-4b43-88ea-1be866114368',
    imageName: 'public api test2',
    diskFormat: 'qcow2',
    containerFormat: 'bare',
    status: 'UPLOADING',
    statusText: 'uploading',
    updatedAt: '2020-05-18T04:21:15.000Z',
    description: null,
    size: 20,
    volume: null,
    volumeType: {
      uuid: '964a6c6b-7190-4e27-9311-cce8d6f860f3',
      name: 'General HDD',
      description: null,
      isPublic: true,
      extraSpecs: { volume_backend_name: 'hdd_general' },
    },
  });
});

test('List Snapshots: all fields but progress and project come from the short list', async () => {
  const { progress: _, projectId: __, ...short } = guideSnapshot;
  const { result, requests } = await requestsOf(() =>
    gateway.data(`{ region(code: KR1) { snapshots { nodes {
      uuid region { code } name description status statusText size createdAt metadata volumeUuid
    } } } }`),
  );
  expect(requests).toEqual(['GET /snapshots']);
  expect(result.region.snapshots.nodes).toEqual([short]);
});

test('List Snapshots with Details: every field of the example is served', async () => {
  const { result, requests } = await requestsOf(() => ask(gateway, SnapshotsInFullDocument, { region: 'KR1' }));
  expect(requests).toEqual(['GET /snapshots/detail']);
  expect(result.region?.snapshots?.nodes).toMatchObject([guideSnapshot]);
});

test('View Snapshot: every field of the example is served', async () => {
  const variables = { id: 'f63af601-43cd-41ab-8905-e1e93995f366', region: 'KR1' } as const;
  const { result, requests } = await requestsOf(() => ask(gateway, SnapshotInFullByIdDocument, variables));
  expect(requests).toEqual(['GET /snapshots/f63af601-43cd-41ab-8905-e1e93995f366']);
  expect(result.snapshot).toMatchObject(guideSnapshot);
});

test('Create Snapshot: the guide’s request gives the guide’s answer, and the project is the request’s', async () => {
  const asked = example('create-snapshot-request').snapshot;
  const { result } = await requestsOf(() =>
    ask(gateway, CreateSnapshotDocument, {
      input: {
        volumeId: asked.volume_id,
        region: 'KR1',
        name: asked.name,
        description: asked.description,
        force: asked.force,
      },
    }),
  );
  expect(JSON.parse(upstream.requests[0]?.body ?? '')).toEqual(example('create-snapshot-request'));
  expect(result.createSnapshot?.snapshot).toMatchObject({
    uuid: 'f2ae2667-b3b7-47ef-aa31-efab536888b9',
    name: 'SNAPSHOT',
    description: null,
    status: 'CREATING',
    size: 20,
    createdAt: '2020-03-02T13:51:33.318Z',
    metadata: {},
    progress: null,
    projectId: alice.tenant,
    volumeUuid: '5aa119a8-d25b-45a7-8d1b-88e127885635',
  });
});

test('Delete Snapshots: an empty 202 is success, and the snapshot is read anew', async () => {
  const input = { id: 'f63af601-43cd-41ab-8905-e1e93995f366', region: 'KR1' } as const;
  const { result, requests } = await requestsOf(() => ask(gateway, DeleteSnapshotDocument, { input }));
  expect(requests).toEqual([`DELETE /snapshots/${input.id}`, `GET /snapshots/${input.id}`]);
  expect(result.deleteSnapshot).toMatchObject({ snapshot: { status: 'AVAILABLE' } });
});

test('every request asks for JSON and carries the token as its only credential', async () => {
  await requestsOf(() => ask(gateway, VolumesInFullDocument, { region: 'KR1' }));
  for (const { headers } of upstream.requests) {
    expect(headers).toMatchObject({ accept: 'application/json', 'x-auth-token': alice.token });
    expect(Object.keys(headers).toSorted()).toEqual([
      'accept',
      'accept-encoding',
      'accept-language',
      'connection',
      'host',
      'x-auth-token',
      'x-openstack-request-id',
      'x-request-id',
    ]);
  }
});
