import type { Socket } from 'node:net';
import { describe, expect, test, vi } from 'vitest';
import { type CannedRequest, startCanned } from '../support/canned.ts';
import { subscribe } from '../support/event-stream.ts';
import { alice, bob, type GatewayUnderTest, startGateway } from '../support/stack.ts';

/*
 * What an answer costs that is not the one that was asked for: the call that read it, and at most the one connection that
 * it came on. A connection is retired where the answer may belong to another call.
 */

const asked = '17975e9d-1533-40db-bd02-2072cd2ccb7f';
const other = '27975e9d-1533-40db-bd02-2072cd2ccb7f';
const tenantOfVolume = 'os-vol-tenant-attr:tenant_id';
const tenantOfSnapshot = 'os-extended-snapshot-attributes:project_id';
const linkOf = (tenant: string) => ({ links: [{ rel: 'self', href: `http://x/v2/${tenant}/volumes/${asked}` }] });

const details = '{ volumes { nodes { status } } }';
const names = '{ volumes { nodes { name } } }';
const snapshots = '{ snapshots { nodes { progress } } }';
const volume = `{ volume(id: "${asked}", region: KR1) { name } }`;
const snapshot = `{ snapshot(id: "${asked}", region: KR1) { name } }`;
const createVolume = 'mutation { createVolume(input: { region: KR1, size: 1 }) { volume { id } } }';
const createSnapshot = `mutation { createSnapshot(input: { volumeId: "${asked}", region: KR1 }) { snapshot { id } } }`;
const deleteVolume = `mutation { deleteVolume(input: { id: "${asked}", region: KR1 }) { deletedVolumeId } }`;
const upload = `mutation { uploadVolumeToImage(input: { volumeId: "${asked}", region: KR1, imageName: "i" }) { image { imageId } } }`;

/** A region that gives alice one answer to all she asks, and a gateway over it. */
async function startOdd(body: unknown) {
  /** The connections that carried alice's calls, and those that carried bob's. */
  const sockets = { ofAlice: new Set<Socket>(), ofBob: new Set<Socket>() };
  const held: (() => void)[] = [];
  const region = await startCanned(({ tenant, method }: CannedRequest, response) => {
    const { socket } = response;
    if (socket) (tenant === alice.tenant ? sockets.ofAlice : sockets.ofBob).add(socket);
    if (tenant === alice.tenant) return { status: method === 'GET' ? 200 : 202, body };
    held.push(() => {
      response.writeHead(202, { 'content-type': 'application/json' });
      response.end(JSON.stringify({ volume: { id: other, status: 'creating' } }));
    });
    return null;
  });
  const gateway = await startGateway({ kr1: region.endpoint });
  return {
    gateway,
    sockets,
    /** A write of bob's that is under way, and what lets the region answer it. */
    async beginWrite() {
      const headers = { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant };
      const answer = gateway.query(createVolume, { headers });
      await vi.waitFor(() => expect(held).toHaveLength(1));
      return { answer, release: () => held.shift()?.() };
    },
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await region[Symbol.asyncDispose]();
    },
  };
}

const isAvailable = async (gateway: GatewayUnderTest) =>
  (await gateway.data('{ regions { available } }')).regions[0].available;

const crossed: [string, string, unknown][] = [
  ['snapshots for volumes', details, { snapshots: [] }],
  ['types for volumes', names, { volume_types: [] }],
  ['one volume for a list', details, { volume: { id: asked } }],
  ['volumes for snapshots', snapshots, { volumes: [{ id: other }] }],
  ['a list for one volume', volume, { volumes: [] }],
  ['another volume', volume, { volume: { id: other, [tenantOfVolume]: alice.tenant } }],
  ['another snapshot', snapshot, { snapshot: { id: other } }],
  ['a snapshot for a volume', volume, { snapshot: { id: asked } }],
  ['an image for a volume', volume, { 'os-volume_upload_image': {} }],
  ['an object of a kind that the gateway does not read, for a volume', volume, { backup: { id: other } }],
  ['objects of a kind that the gateway does not read, for a list', details, { backups: [{ id: other }] }],
  ['another tenant’s row in a list', details, { volumes: [{ id: asked, [tenantOfVolume]: bob.tenant }] }],
  [
    'another tenant’s row behind one’s own',
    details,
    { volumes: [alice, bob].map(({ tenant }) => ({ id: asked, [tenantOfVolume]: tenant })) },
  ],
  ['another tenant’s row in a list of names', names, { volumes: [{ id: asked, ...linkOf(bob.tenant) }] }],
  [
    'another tenant’s row behind one’s own in a list of names',
    names,
    { volumes: [alice, bob].map(({ tenant }) => ({ id: asked, ...linkOf(tenant) })) },
  ],
  ['another tenant’s snapshot in a list', snapshots, { snapshots: [{ id: asked, [tenantOfSnapshot]: bob.tenant }] }],
];

const crossedWrites: [string, string, unknown][] = [
  ['a list for a creation', createVolume, { volumes: [] }],
  ['another tenant’s volume for a creation', createVolume, { volume: { id: other, [tenantOfVolume]: bob.tenant } }],
  ['a snapshot of another volume', createSnapshot, { snapshot: { id: other, volume_id: other } }],
  ['another volume for a deletion', deleteVolume, { volume: { id: other } }],
  ['a list for a deletion', deleteVolume, { volumes: [] }],
  ['an image of another volume', upload, { 'os-volume_upload_image': { id: other, image_id: other } }],
  ['a volume for an image', upload, { volume: { id: asked } }],
];

const unreadable: [string, string, unknown][] = [
  ['a proxy’s own JSON for a list', details, { status: 'maintenance' }],
  ['an array', details, []],
  ['an object in place of a list', details, { volumes: {} }],
  ['a proxy’s own JSON for one volume', volume, { status: 'maintenance' }],
  ['a volume without an id', volume, { volume: { name: 'a' } }],
  ['a proxy’s own JSON for a creation', createVolume, { status: 'maintenance' }],
  ['a proxy’s own JSON for an image', upload, { status: 'maintenance' }],
];

const ofOtherTenant: [string, string, unknown][] = [
  ['volume', volume, { volume: { id: asked, [tenantOfVolume]: bob.tenant } }],
  ['snapshot', snapshot, { snapshot: { id: asked, [tenantOfSnapshot]: bob.tenant } }],
];

describe('an answer that may belong to another call', () => {
  test.each([...crossed, ...crossedWrites])(
    'fails the call with UPSTREAM_ERROR and retires its connection alone: %s',
    async (_, query, body) => {
      await using odd = await startOdd(body);
      const write = await odd.beginWrite();
      const { errors } = await odd.gateway.query(query);
      expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['UPSTREAM_ERROR']);
      await vi.waitFor(() => expect([...odd.sockets.ofAlice].every(({ destroyed }) => destroyed)).toBe(true));
      write.release();
      expect((await write.answer).errors).toBeUndefined();
      expect([...odd.sockets.ofBob].map(({ destroyed }) => destroyed)).toEqual([false]);
    },
  );

  test.each(crossedWrites)('leaves the outcome of a write unknown: %s', async (_, query, body) => {
    await using odd = await startOdd(body);
    const { errors } = await odd.gateway.query(query);
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'UPSTREAM_ERROR', outcomeUnknown: true });
  });

  test('does not take the region from anybody, however often it comes', async () => {
    await using odd = await startOdd({ snapshots: [] });
    for (let sent = 0; sent < 60; sent += 10)
      await Promise.all(Array.from({ length: 10 }, () => odd.gateway.query(details)));
    expect(await isAvailable(odd.gateway)).toBe(true);
  });
});

describe('JSON that answers no call of the guide', () => {
  test.each(unreadable)('fails the call with UPSTREAM_ERROR, and nothing else: %s', async (_, query, body) => {
    await using odd = await startOdd(body);
    const write = await odd.beginWrite();
    const { errors } = await odd.gateway.query(query);
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['UPSTREAM_ERROR']);
    write.release();
    expect((await write.answer).errors).toBeUndefined();
    expect([...odd.sockets.ofAlice].map(({ destroyed }) => destroyed)).toEqual([false]);
  });
});

describe('the object that was asked for, of another tenant', () => {
  test.each(ofOtherTenant)('fails the call with TENANT_MISMATCH, and nothing else: a %s', async (_, query, body) => {
    await using odd = await startOdd(body);
    const write = await odd.beginWrite();
    const { errors } = await odd.gateway.query(query);
    expect(errors?.map(({ extensions }) => extensions)).toEqual([
      { code: 'TENANT_MISMATCH', region: 'KR1', upstream: { status: 200, requestId: 'req-canned' } },
    ]);
    write.release();
    expect((await write.answer).errors).toBeUndefined();
    expect([...odd.sockets.ofAlice].map(({ destroyed }) => destroyed)).toEqual([false]);
  });

  test.each(ofOtherTenant)('ends a subscription to a %s with TENANT_MISMATCH', async (noun, _, body) => {
    await using odd = await startOdd(body);
    const query = `subscription { ${noun}Updated(id: "${asked}", region: KR1) { name } }`;
    await using subscribed = subscribe(odd.gateway, query);
    await subscribed.ended;
    expect(subscribed.results.map(({ errors }) => errors?.[0]?.extensions?.code)).toEqual(['TENANT_MISMATCH']);
    expect([...odd.sockets.ofAlice].map(({ destroyed }) => destroyed)).toEqual([false]);
  });
});
