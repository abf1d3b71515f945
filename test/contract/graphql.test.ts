import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { subscribe } from '../support/event-stream.ts';
import { as, becomes, codes, data, gateway, peer, refusal, scratch, startOverPeer, stopOverPeer } from './gateway.ts';
import { callPeer, PATIENCE } from './peer.ts';

/*
 * The gateway over the peer: the simulator, or a real Cinder. Whatever is asserted here is true of both. Rows of other
 * tests may be in the way, so each test names its own by a prefix and takes them away again.
 */

beforeAll(startOverPeer, 120_000);
afterAll(stopOverPeer, 120_000);

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

  async function becomesUuid(uuid: string, status: string) {
    await vi.waitFor(
      async () =>
        expect(await data(`{ volume(id: "${uuid}", region: ${region}) { status } }`)).toEqual({ volume: { status } }),
      PATIENCE,
    );
  }
});
