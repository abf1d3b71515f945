import { readFileSync } from 'node:fs';
import { type CannedUpstream, startCanned } from '../support/canned.ts';
import { alice, type GatewayUnderTest, startGateway } from '../support/stack.ts';

/* An upstream that answers with the examples of the guide, and what these must read as. */

export const example = (name: string) =>
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

export let upstream: CannedUpstream;
export let gateway: GatewayUnderTest;

/** Starts a gateway over the upstream of the guide. */
export async function startGuide(): Promise<void> {
  upstream = await startCanned(({ method, path }) => {
    if (method === 'DELETE') return deleted;
    const body = answers[`${method} ${path.split('?')[0]}`];
    if (body) return { status: method === 'GET' ? 200 : 202, body };
    return { status: 404, body: { itemNotFound: { code: 404, message: `${path} could not be found.` } } };
  });
  gateway = await startGateway({ kr1: upstream.endpoint });
}

export async function stopGuide(): Promise<void> {
  await gateway[Symbol.asyncDispose]();
  await upstream[Symbol.asyncDispose]();
}

/** The requests that `act` makes upstream. */
export async function requestsOf<Result>(act: () => Promise<Result>) {
  upstream.requests.length = 0;
  const result = await act();
  return { result, requests: upstream.requests.map(({ method, path }) => `${method} ${path.split('?')[0]}`) };
}

const endpoint = 'https://kr1-api-block-storage.infrastructure.cloud.toast.com';
export const volumeLinks = (uuid: string, tenant = alice.tenant) => [
  { rel: 'self', href: `${endpoint}/v2/${tenant}/volumes/${uuid}` },
  { rel: 'bookmark', href: `${endpoint}/${tenant}/volumes/${uuid}` },
];

/** What the guide's example volume must read as; relations aside, which are other calls. */
export const guideVolume = {
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

export const guideSnapshot = {
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
