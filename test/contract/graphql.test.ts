import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { subscribe } from '../support/event-stream.ts';
import { type GatewayUnderTest, type RequestOptions, startGateway } from '../support/stack.ts';
import { callPeer, openPeer, openScratch, PATIENCE, type Peer, type PeerUser, type Scratch } from './peer.ts';

/*
 * The gateway over the peer: the simulator, or a real Cinder. Whatever is asserted here is true of both. Rows of other
 * tests may be in the way, so each test names its own by a prefix and takes them away again.
 */

let peer: Peer;
let gateway: GatewayUnderTest;
let scratch: Scratch;

beforeAll(async () => {
  peer = await openPeer();
  gateway = await startGateway(
    Object.fromEntries(peer.regions.map(({ code, endpoint }) => [code, endpoint])),
    { UPSTREAM_TIMEOUT_MS: '20000', REQUEST_TIMEOUT_MS: '60000' },
    [peer.alice.token, peer.bob.token, peer.tiny.token],
  );
  scratch = openScratch(peer);
}, 120_000);

afterAll(async () => {
  await scratch[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
  await peer[Symbol.asyncDispose]();
}, 120_000);

const as = ({ token, tenant }: PeerUser, options: RequestOptions = {}): RequestOptions => ({
  ...options,
  headers: { 'x-auth-token': token, 'x-tenant-id': tenant, ...options.headers },
});
// biome-ignore lint/suspicious/noExplicitAny: a test says by its assertions what it expects of an answer
const data = (query: string, variables: Record<string, unknown> = {}): Promise<any> =>
  gateway.data(query, as(peer.alice, { variables }));
const refusal = async (query: string, variables: Record<string, unknown> = {}, user = peer.alice) =>
  (await gateway.query(query, as(user, { variables }))).errors?.[0]?.extensions;

const codes = ['kr1', 'kr2', 'jp1'];

describe.each(codes)('in %s', (code) => {
  const region = code.toUpperCase();
  const mine = `gateway-${code}-`;

  test('types are served whole, by name', async () => {
    const { volumeTypes } = (
      await data(`{ region(code: ${region}) { volumeTypes { nodes { uuid name isPublic extraSpecs } } } }`)
    ).region;
    expect(volumeTypes.nodes.map(({ name }: { name: string }) => name)).toEqual(
      expect.arrayContaining(['General HDD', 'General SSD']),
    );
    for (const { isPublic, extraSpecs } of volumeTypes.nodes) {
      expect(isPublic).toBe(true);
      // Stock policy hides them from members.
      if (peer.region(code).stock) expect(extraSpecs).toBeNull();
      else expect(extraSpecs).toHaveProperty('volume_backend_name');
    }
  });

  test('a volume and its snapshot are followed from their creation to their end', async () => {
    const { token, tenant } = peer.alice;
    const headers = { 'x-auth-token': token, 'x-tenant-id': tenant };
    const { createVolume } = await data(
      `mutation($name: String) { createVolume(input: { region: ${region}, size: 1, name: $name }) { volume { id uuid } } }`,
      { name: `${mine}followed` },
    );
    scratch.adopt(`volumes/${createVolume.volume.uuid}`, code);
    const variables = { id: createVolume.volume.id };
    const follow =
      'subscription($id: ID!, $until: [VolumeStatus!]) { volumeUpdated(id: $id, until: $until) { status } }';
    await using born = subscribe(gateway, follow, { headers, variables: { ...variables, until: ['AVAILABLE'] } });
    await born.ended;
    expect(born.results.at(-1)).toEqual({ data: { volumeUpdated: { status: 'AVAILABLE' } } });
    const { createSnapshot } = await data(
      'mutation($id: ID!) { createSnapshot(input: { volumeId: $id, name: "followed" }) { snapshot { id uuid } } }',
      variables,
    );
    scratch.adopt(`snapshots/${createSnapshot.snapshot.uuid}`, code);
    await using taken = subscribe(
      gateway,
      'subscription($id: ID!) { snapshotUpdated(id: $id) { status progress volume { name } } }',
      { headers, variables: { id: createSnapshot.snapshot.id } },
    );
    const whole = { status: 'AVAILABLE', progress: '100%', volume: { name: `${mine}followed` } };
    await vi.waitFor(() => expect(taken.results.at(-1)).toEqual({ data: { snapshotUpdated: whole } }), PATIENCE);
    await data('mutation($id: ID!) { deleteSnapshot(input: { id: $id }) { deletedSnapshotId } }', {
      id: createSnapshot.snapshot.id,
    });
    await taken.ended;
    expect(taken.results.at(-1)).toEqual({ data: { snapshotUpdated: null } });
    await using gone = subscribe(gateway, follow, { headers, variables });
    await vi.waitFor(() => expect(gone.results).toHaveLength(1), PATIENCE);
    await data('mutation($id: ID!) { deleteVolume(input: { id: $id }) { deletedVolumeId } }', variables);
    await gone.ended;
    expect(gone.results.at(-1)).toEqual({ data: { volumeUpdated: null } });
    for (const { results } of [born, taken, gone]) expect(results.filter(({ errors }) => errors)).toEqual([]);
  });

  test('a volume is created, read in every shape, imaged, kept by its snapshot, and deleted', async () => {
    const { createVolume } = await data(
      `mutation($name: String) { createVolume(input: {
        region: ${region}, size: 1, name: $name, description: "d", volumeType: "General SSD", metadata: { k: "v" }
      }) { volume { id uuid status tenantId createdAt } } }`,
      { name: `${mine}life` },
    );
    const { id, uuid, ...created } = createVolume.volume;
    scratch.adopt(`volumes/${uuid}`, code);
    expect(created).toMatchObject({ status: 'CREATING', tenantId: peer.alice.tenant });
    await becomes(id, 'AVAILABLE');
    const { volume } = await data(
      `query($id: ID!) { volume(id: $id) { name description size metadata bootable encrypted multiattach tenantId
        volumeTypeName volumeType { name } attachments { uuid } snapshots { nodes { uuid } } links { rel } } }`,
      { id },
    );
    expect(volume).toEqual({
      name: `${mine}life`,
      description: 'd',
      size: 1,
      metadata: { k: 'v' },
      bootable: false,
      encrypted: false,
      multiattach: false,
      tenantId: peer.alice.tenant,
      volumeTypeName: 'General SSD',
      volumeType: { name: 'General SSD' },
      attachments: [],
      snapshots: { nodes: [] },
      links: [{ rel: 'self' }, { rel: 'bookmark' }],
    });

    const { createSnapshot } = await data(
      'mutation($id: ID!) { createSnapshot(input: { volumeId: $id, name: "s", description: "d" }) { snapshot { id uuid status size projectId volume { id } } } }',
      { id },
    );
    const { id: snapshotId, uuid: snapshotUuid, ...snapshot } = createSnapshot.snapshot;
    scratch.adopt(`snapshots/${snapshotUuid}`, code);
    expect(snapshot).toEqual({ status: 'CREATING', size: 1, projectId: peer.alice.tenant, volume: { id } });
    await vi.waitFor(
      async () =>
        expect(
          await data('query($id: ID!) { snapshot(id: $id) { status progress projectId volumeUuid } }', {
            id: snapshotId,
          }),
        ).toEqual({
          snapshot: { status: 'AVAILABLE', progress: '100%', projectId: peer.alice.tenant, volumeUuid: uuid },
        }),
      PATIENCE,
    );
    const remove = 'mutation($id: ID!) { deleteVolume(input: { id: $id }) { deletedVolumeId } }';
    expect(await refusal(remove, { id })).toMatchObject({ code: 'CONFLICT', upstream: { status: 400 } });

    const { uploadVolumeToImage } = await data(
      'mutation($id: ID!) { uploadVolumeToImage(input: { volumeId: $id, imageName: "i", diskFormat: "qcow2", containerFormat: "bare" }) { image { imageId imageName diskFormat containerFormat status size volumeType { name } } } }',
      { id },
    );
    expect(uploadVolumeToImage.image).toMatchObject({
      imageId: expect.stringMatching(/^[0-9a-f-]{36}$/),
      imageName: 'i',
      diskFormat: 'qcow2',
      containerFormat: 'bare',
      status: 'UPLOADING',
      size: 1,
      volumeType: { name: 'General SSD' },
    });
    await becomes(id, 'AVAILABLE');

    const fromSnapshot = await data(
      `mutation($id: ID!, $name: String) { createVolume(input: { region: ${region}, snapshotId: $id, name: $name }) { volume { uuid size sourceSnapshotUuid } } }`,
      { id: snapshotId, name: `${mine}from-snapshot` },
    );
    scratch.adopt(`volumes/${fromSnapshot.createVolume.volume.uuid}`, code);
    expect(fromSnapshot.createVolume.volume).toMatchObject({ size: 1, sourceSnapshotUuid: snapshotUuid });
    await becomesUuid(fromSnapshot.createVolume.volume.uuid, 'AVAILABLE');

    await data('mutation($id: ID!) { deleteSnapshot(input: { id: $id }) { deletedSnapshotId } }', { id: snapshotId });
    await vi.waitFor(
      async () =>
        expect(await data('query($id: ID!) { snapshot(id: $id) { id } }', { id: snapshotId })).toEqual({
          snapshot: null,
        }),
      PATIENCE,
    );
    expect(await data(remove, { id })).toEqual({ deleteVolume: { deletedVolumeId: id } });
    await vi.waitFor(
      async () => expect(await data('query($id: ID!) { volume(id: $id) { id } }', { id })).toEqual({ volume: null }),
      PATIENCE,
    );
  }, 120_000);

  test('the guide’s upload with visibility is accepted, or refused in the stock’s own words', async () => {
    const uuid = await scratch.create('volume', { size: 1, name: `${mine}image` }, code);
    const query = `mutation($id: ID!) { uploadVolumeToImage(input: {
      volumeId: $id, region: ${region}, imageName: "VOLUME IMAGE", force: true, diskFormat: "qcow2", containerFormat: "bare", visibility: PRIVATE, protected: false
    }) { image { imageName } } }`;
    const { data: accepted, errors } = await gateway.query(query, as(peer.alice, { variables: { id: uuid } }));
    if (peer.region(code).stock) {
      expect(errors?.[0]).toMatchObject({
        message: expect.stringContaining('visibility'),
        extensions: { code: 'BAD_USER_INPUT' },
      });
    } else expect(accepted.uploadVolumeToImage.image).toEqual({ imageName: 'VOLUME IMAGE' });
  }, 60_000);

  test('an attached volume shows its attachment, and its state conflicts are CONFLICT', async () => {
    const uuid = await scratch.create('volume', { size: 1, name: `${mine}attached` }, code);
    await peer.attach(code, uuid);
    await becomesUuid(uuid, 'IN_USE');
    const { volume } = await data(
      `query($id: ID!) { volume(id: $id, region: ${region}) { id attachments { id uuid device volumeUuid server { uuid } } metadata } }`,
      { id: uuid },
    );
    const [attachment] = volume.attachments;
    expect(attachment).toMatchObject({
      device: '/dev/vdb',
      volumeUuid: uuid,
      server: { uuid: '11111111-2222-4333-8444-555555555555' },
    });
    expect(volume.metadata).toHaveProperty('attached_mode');
    const { node } = await data(
      'query($id: ID!) { node(id: $id) { ... on Attachment { uuid device volume { uuid } } } }',
      { id: attachment.id },
    );
    expect(node).toEqual({ uuid: attachment.uuid, device: '/dev/vdb', volume: { uuid } });
    for (const mutation of [
      'deleteVolume(input: { id: $id }) { deletedVolumeId }',
      'createSnapshot(input: { volumeId: $id }) { snapshot { id } }',
      'uploadVolumeToImage(input: { volumeId: $id, imageName: "i", diskFormat: "qcow2" }) { image { imageId } }',
    ]) {
      expect(await refusal(`mutation($id: ID!) { ${mutation} }`, { id: volume.id })).toMatchObject({
        code: 'CONFLICT',
      });
    }
    const detached = await callPeer(peer.region(code), peer.alice, 'POST', `volumes/${uuid}/action`, {
      'os-detach': {},
    });
    expect(detached.status).toBe(202);
  }, 60_000);

  test('walks over volumes in every order meet every volume once, as the region itself sorts them', async () => {
    const names = ['b', 'a', 'A', 'B', null, '10', '9', '가', 'b', null, 'c', 'd', 'e'];
    const created = await Promise.all(
      names.map((name, index) =>
        scratch.create('volume', { size: 1 + (index % 3), name: name && `${mine}${name}` }, code),
      ),
    );
    // Other rows may come and go meanwhile.
    const isOwn = (uuid: string) => created.includes(uuid);
    const fields: Record<string, string> = {
      NAME: 'name',
      CREATED_AT: 'created_at',
      SIZE: 'size',
      STATUS: 'status',
      AVAILABILITY_ZONE: 'availability_zone',
    };
    for (const [field, key] of Object.entries(fields)) {
      for (const direction of ['ASC', 'DESC']) {
        const walked = await walk('volume', 4, field, direction);
        expect(new Set(walked).size).toBe(walked.length);
        expect(walked).toEqual(expect.arrayContaining(created));
        const order = `${key}:${direction.toLowerCase()},id:${direction.toLowerCase()}`;
        expect(walked.filter(isOwn)).toEqual((await ownOrder('volumes/detail', order)).filter(isOwn));
      }
    }
  }, 180_000);

  test('walks over snapshots in every order meet every snapshot once, as the region itself sorts them', async () => {
    const volumes = await Promise.all(
      [1, 2].map((size) => scratch.create('volume', { size, name: `${mine}of-snapshots` }, code)),
    );
    const names = ['b', 'a', 'B', null, '가', 'b', null, 'z', 'y', 'x', 'w', 'v'];
    const created: string[] = [];
    for (const [index, name] of names.entries()) {
      const volume_id = volumes[index % 2];
      created.push(await scratch.create('snapshot', { volume_id, name: name && `${mine}${name}` }, code));
    }
    const isOwn = (uuid: string) => created.includes(uuid);
    const fields: Record<string, string> = {
      NAME: 'display_name',
      CREATED_AT: 'created_at',
      SIZE: 'volume_size',
      STATUS: 'status',
    };
    for (const [field, key] of Object.entries(fields)) {
      for (const direction of ['ASC', 'DESC']) {
        const walked = await walk('snapshot', 5, field, direction);
        expect(new Set(walked).size).toBe(walked.length);
        expect(walked).toEqual(expect.arrayContaining(created));
        const order = `${key}:${direction.toLowerCase()},id:${direction.toLowerCase()}`;
        expect(walked.filter(isOwn)).toEqual((await ownOrder('snapshots/detail', order)).filter(isOwn));
      }
    }
    const { a, b } = await data(
      `query($a: ID!, $b: ID!) {
        a: volume(id: $a, region: ${region}) { snapshots { nodes { uuid } } }
        b: region(code: ${region}) { volume(id: $b) { snapshots { nodes { uuid volume { uuid } } } } }
      }`,
      { a: volumes[0], b: volumes[1] },
    );
    expect(a.snapshots.nodes).toHaveLength(6);
    expect(b.volume.snapshots.nodes.map(({ volume }: { volume: { uuid: string } }) => volume.uuid)).toEqual(
      Array(6).fill(volumes[1]),
    );
  }, 180_000);

  test('offset and cursors go together', async () => {
    const created = await Promise.all(
      [1, 2, 3, 4].map((size) => scratch.create('volume', { size, name: `${mine}offset` }, code)),
    );
    const query = `query($first: Int, $offset: Int, $after: String) { region(code: ${region}) {
      volumes(first: $first, offset: $offset, after: $after) { nodes { uuid status } pageInfo { endCursor } }
    } }`;
    const read = async (variables: Record<string, unknown>) => (await data(query, variables)).region.volumes;
    const uuids = ({ nodes }: { nodes: { uuid: string }[] }) => nodes.map(({ uuid }) => uuid);
    const all = uuids(await read({ first: 1000 }));
    const page = await read({ first: 2, offset: 1 });
    const rest = await read({ first: 1000, after: page.pageInfo.endCursor });
    expect([...uuids(page), ...uuids(rest)]).toEqual(all.slice(1));
    expect(all).toEqual(expect.arrayContaining(created));
  }, 60_000);

  test('many ids, a list with all its relations, and single reads agree', async () => {
    const { volumes, snapshots } = (
      await data(`{ region(code: ${region}) {
        volumes(first: 100) { nodes { id name status volumeType { name } snapshots { nodes { id } } } }
        snapshots(first: 100) { nodes { id name volume { id } } }
      } }`)
    ).region;
    const ids = volumes.nodes.map(({ id }: { id: string }) => id).slice(0, 15);
    const { nodes } = await data(
      'query($ids: [ID!]!) { nodes(ids: $ids) { ... on Volume { id name status volumeType { name } snapshots { nodes { id } } } } }',
      { ids },
    );
    expect(nodes).toEqual(volumes.nodes.slice(0, 15));
    const owners = new Map(
      volumes.nodes.flatMap((volume: { id: string; snapshots: { nodes: { id: string }[] } }) =>
        volume.snapshots.nodes.map(({ id }) => [id, volume.id]),
      ),
    );
    for (const { id, volume } of snapshots.nodes) expect(owners.get(id)).toBe(volume.id);
  }, 60_000);

  test('refusals have their codes', async () => {
    const create = `mutation($name: String, $type: String, $zone: String) { createVolume(input: {
      region: ${region}, size: 1, name: $name, volumeType: $type, availabilityZone: $zone
    }) { volume { id } } }`;
    expect(await refusal(create, { type: 'No Such' })).toMatchObject({ code: 'NOT_FOUND' });
    expect(await refusal(create, { zone: 'nowhere' })).toMatchObject({ code: 'BAD_USER_INPUT' });
    if (peer.region(code).mariadb)
      expect(await refusal(create, { name: `${mine}💾` })).toMatchObject({ code: 'BAD_USER_INPUT' });
    const list = `{ region(code: ${region}) { volumes { nodes { id } } } }`;
    expect(await refusal(list, {}, { ...peer.alice, token: 'unknown' })).toMatchObject({
      code: 'UNAUTHENTICATED',
      upstream: { status: 401 },
    });
    expect(await refusal(list, {}, { ...peer.alice, tenant: peer.bob.tenant })).toMatchObject({
      code: 'TENANT_MISMATCH',
      upstream: { status: 400 },
    });
    const missing = '00000000-0000-4000-8000-000000000000';
    expect(
      await data(
        `{ a: volume(id: "${missing}", region: ${region}) { id } b: snapshot(id: "${missing}", region: ${region}) { id } c: volumeType(id: "${missing}", region: ${region}) { id } }`,
      ),
    ).toEqual({ a: null, b: null, c: null });
    expect(
      await refusal(`mutation { deleteVolume(input: { id: "${missing}", region: ${region} }) { deletedVolumeId } }`),
    ).toMatchObject({ code: 'NOT_FOUND' });
  });

  test('a quota used up is QUOTA_EXCEEDED', async () => {
    const extensions = await refusal(
      `mutation { createVolume(input: { region: ${region}, size: 11 }) { volume { id } } }`,
      {},
      peer.tiny,
    );
    expect(extensions).toMatchObject({ code: 'QUOTA_EXCEEDED', upstream: { status: 413 } });
    expect(extensions).not.toHaveProperty('retryAfter');
  });

  test('another tenant’s volume is not there', async () => {
    const uuid = await scratch.create('volume', { size: 1, name: `${mine}of-bob` }, code, peer.bob);
    const query = `{ volume(id: "${uuid}", region: ${region}) { id } region(code: ${region}) { volumes(first: 1000) { nodes { uuid } } } }`;
    const { volume, region: own } = await data(query);
    expect(volume).toBeNull();
    expect(own.volumes.nodes.map(({ uuid }: { uuid: string }) => uuid)).not.toContain(uuid);
    expect((await gateway.data(query, as(peer.bob))).volume).not.toBeNull();
  }, 60_000);

  async function becomesUuid(uuid: string, status: string) {
    await vi.waitFor(
      async () =>
        expect(await data(`{ volume(id: "${uuid}", region: ${region}) { status } }`)).toEqual({ volume: { status } }),
      PATIENCE,
    );
  }

  async function walk(noun: string, first: number, field: string, direction: string): Promise<string[]> {
    const query = `query($after: String) { region(code: ${region}) {
      list: ${noun}s(first: ${first}, after: $after, orderBy: [{ field: ${field}, direction: ${direction} }]) {
        nodes { uuid status } pageInfo { hasNextPage endCursor }
      }
    } }`;
    const seen: string[] = [];
    for (let after: string | null = null, more = true; more; ) {
      const {
        list,
      }: { list: { nodes: { uuid: string }[]; pageInfo: { hasNextPage: boolean; endCursor: string | null } } } = (
        await data(query, { after })
      ).region;
      seen.push(...list.nodes.map(({ uuid }) => uuid));
      ({ endCursor: after, hasNextPage: more } = list.pageInfo);
    }
    return seen;
  }

  /** The region's own order, read page by page with its own links' markers. */
  async function ownOrder(path: string, sort: string): Promise<string[]> {
    const ids: string[] = [];
    for (;;) {
      const marker: string = ids.length === 0 ? '' : `&marker=${ids.at(-1)}`;
      const { json } = await callPeer(peer.region(code), peer.alice, 'GET', `${path}?sort=${sort}${marker}`);
      const rows = (json[path.split('/')[0] ?? ''] ?? []) as { id: string }[];
      if (rows.length === 0) return ids;
      ids.push(...rows.map(({ id }) => id));
    }
  }
});

async function becomes(id: string, status: string) {
  await vi.waitFor(
    async () =>
      expect(await data('query($id: ID!) { volume(id: $id) { status } }', { id })).toEqual({ volume: { status } }),
    PATIENCE,
  );
}
