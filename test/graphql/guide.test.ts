import { afterAll, beforeAll, expect, test } from 'vitest';
import {
  CreateVolumeDocument,
  DeleteVolumeDocument,
  UploadVolumeToImageDocument,
  VolumeInFullByIdDocument,
  VolumesInFullDocument,
  VolumeTypesInFullDocument,
} from '../support/documents.ts';
import { ask } from '../support/query.ts';
import { alice } from '../support/stack.ts';
import { example, gateway, guideVolume, requestsOf, startGuide, stopGuide, upstream, volumeLinks } from './guide.ts';

/*
 * Every call of the guide, asked through GraphQL and answered with the guide's own examples, as they stand there.
 * What is asked upstream, and what of the example comes out, is held against the guide's text field by field.
 */

beforeAll(startGuide);
afterAll(stopGuide);

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
