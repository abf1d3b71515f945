import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { as, codes, data, gateway, peer, refusal, scratch, startOverPeer, stopOverPeer } from './gateway.ts';
import { callPeer } from './peer.ts';

/*
 * Lists and refusals of the gateway over the peer: the simulator, or a real Cinder. Whatever is asserted here is true of both. Rows of other
 * tests may be in the way, so each test names its own by a prefix and takes them away again.
 */

beforeAll(startOverPeer, 120_000);
afterAll(stopOverPeer, 120_000);

describe.each(codes)('in %s', (code) => {
  const region = code.toUpperCase();
  const mine = `gateway-${code}-`;

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
