import { afterAll, beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { alice, type Stack, startStack } from '../support/stack.ts';

let stack: Stack;

beforeAll(async () => {
  stack = await startStack({ changeAfterMs: 100 });
});

afterAll(() => stack[Symbol.asyncDispose]());
beforeEach(() => stack.simulator.clearRequests());

/** Asks again until the answer is as expected. */
async function becomes(query: string, variables: Record<string, unknown>, expected: unknown) {
  await vi.waitFor(async () => expect(await stack.data(query, { variables })).toEqual(expected), {
    timeout: 5000,
    interval: 20,
  });
}

test('the life of a volume: created, snapshot taken, image made, all deleted', async () => {
  const { createVolume } = await stack.data(
    'mutation { createVolume(input: { region: KR2, size: 3, name: "life" }) { volume { id status } } }',
  );
  expect(createVolume.volume.status).toBe('CREATING');
  const { id } = createVolume.volume;
  const status = 'query($id: ID!) { volume(id: $id) { status } }';
  await becomes(status, { id }, { volume: { status: 'AVAILABLE' } });

  const { createSnapshot } = await stack.data(
    'mutation($id: ID!) { createSnapshot(input: { volumeId: $id, name: "s" }) { snapshot { id status projectId size volume { id } } } }',
    { variables: { id } },
  );
  const { id: snapshotId, ...snapshot } = createSnapshot.snapshot;
  expect(snapshot).toEqual({ status: 'CREATING', projectId: alice.tenant, size: 3, volume: { id } });
  await becomes(
    'query($id: ID!) { snapshot(id: $id) { status } }',
    { id: snapshotId },
    { snapshot: { status: 'AVAILABLE' } },
  );

  const remove = 'mutation($id: ID!) { deleteVolume(input: { id: $id }) { deletedVolumeId volume { status } } }';
  const refused = await stack.query(remove, { variables: { id } });
  expect(refused.errors?.[0]?.extensions).toMatchObject({ code: 'CONFLICT', region: 'KR2' });

  const { uploadVolumeToImage } = await stack.data(
    'mutation($id: ID!) { uploadVolumeToImage(input: { volumeId: $id, imageName: "i" }) { image { status size volume { status } volumeType { name } } } }',
    { variables: { id } },
  );
  expect(uploadVolumeToImage.image).toMatchObject({ status: 'UPLOADING', size: 3, volume: { status: 'UPLOADING' } });
  await becomes(status, { id }, { volume: { status: 'AVAILABLE' } });

  const { deleteSnapshot } = await stack.data(
    'mutation($id: ID!) { deleteSnapshot(input: { id: $id }) { deletedSnapshotId snapshot { status } } }',
    { variables: { id: snapshotId } },
  );
  expect(deleteSnapshot).toEqual({ deletedSnapshotId: snapshotId, snapshot: { status: 'DELETING' } });
  await becomes('query($id: ID!) { snapshot(id: $id) { status } }', { id: snapshotId }, { snapshot: null });

  expect(await stack.data(remove, { variables: { id } })).toEqual({
    deleteVolume: { deletedVolumeId: id, volume: { status: 'DELETING' } },
  });
  await becomes(status, { id }, { volume: null });
});

test('a size left out is the source’s, read in one call', async () => {
  const store = stack.simulator.store('kr1');
  const source = store.addVolume(alice.tenant, { size: 7 });
  const snapshot = store.addSnapshot(alice.tenant, { volume_id: source.id });
  const create = (input: string) =>
    stack.data(
      `mutation { createVolume(input: { region: KR1, ${input} }) { volume { size sourceSnapshotUuid sourceVolumeUuid } } }`,
    );
  expect(await create(`snapshotId: "${snapshot.id}"`)).toEqual({
    createVolume: { volume: { size: 7, sourceSnapshotUuid: snapshot.id, sourceVolumeUuid: null } },
  });
  expect(await create(`sourceVolumeId: "${source.id}"`)).toEqual({
    createVolume: { volume: { size: 7, sourceSnapshotUuid: null, sourceVolumeUuid: source.id } },
  });
  expect(stack.calls()).toEqual([
    `GET /snapshots/${snapshot.id}`,
    'POST /volumes',
    `GET /volumes/${source.id}`,
    'POST /volumes',
  ]);
});

test('a source that does not exist is NOT_FOUND, and nothing is created', async () => {
  const { errors } = await stack.query(
    'mutation { createVolume(input: { region: KR1, snapshotId: "00000000-0000-4000-8000-000000000000" }) { volume { id } } }',
  );
  expect(errors?.[0]?.extensions).toEqual({ code: 'NOT_FOUND', region: 'KR1' });
  expect(stack.calls()).toHaveLength(1);
});

test('inputs left out are left out upstream', async () => {
  await using spied = await startStack({ regions: [{ code: 'kr1', stock: true }] });
  const volume = spied.simulator.store('kr1').addVolume(alice.tenant);
  // Cinder 17 refuses an image's visibility in v2, so sending a default of ours would fail.
  await spied.data(
    'mutation($id: ID!) { uploadVolumeToImage(input: { volumeId: $id, region: KR1, imageName: "i" }) { image { imageId } } }',
    { variables: { id: volume.id } },
  );
  const refused = await spied.query(
    'mutation($id: ID!) { uploadVolumeToImage(input: { volumeId: $id, region: KR1, imageName: "i", visibility: SHARED }) { image { imageId } } }',
    { variables: { id: volume.id } },
  );
  expect(refused.errors?.[0]?.message).toContain('visibility');
});

test('mutations run one after the other, and each reads what the one before has changed', async () => {
  await using fresh = await startStack();
  const volume = fresh.simulator.store('kr1').addVolume(alice.tenant);
  const { a, b } = await fresh.data(
    `mutation($id: ID!) {
      a: createSnapshot(input: { volumeId: $id, region: KR1, name: "1" }) { snapshot { volume { snapshots { nodes { name } } } } }
      b: createSnapshot(input: { volumeId: $id, region: KR1, name: "2" }) { snapshot { volume { snapshots { nodes { name } } } } }
    }`,
    { variables: { id: volume.id } },
  );
  const names = (payload: typeof a) =>
    payload.snapshot.volume.snapshots.nodes.map(({ name }: { name: string }) => name);
  expect(names(a)).toEqual(['1']);
  expect(names(b).toSorted()).toEqual(['1', '2']);
});

test('a write is sent once, also when its answer is lost', async () => {
  const remove = stack.simulator.inject({ kind: 'reset', method: 'POST' });
  const { errors } = await stack.query(
    'mutation { createVolume(input: { region: KR1, size: 1, name: "once" }) { volume { id } } }',
  );
  remove();
  expect(errors?.[0]?.extensions).toEqual({ code: 'UPSTREAM_UNAVAILABLE', region: 'KR1', outcomeUnknown: true });
  expect(stack.calls()).toEqual(['POST /volumes']);
});

test('a quota used up is QUOTA_EXCEEDED', async () => {
  await using tiny = await startStack({ quotas: { [alice.tenant]: { volumes: 1, snapshots: 1, gigabytes: 10 } } });
  const create = 'mutation { createVolume(input: { region: KR1, size: 5 }) { volume { id } } }';
  await tiny.data(create);
  const { errors } = await tiny.query(create);
  expect(errors?.[0]?.extensions).toMatchObject({ code: 'QUOTA_EXCEEDED', region: 'KR1', upstream: { status: 413 } });
  expect(errors?.[0]?.message).toContain('Maximum number of volumes allowed (1)');
});

test('the appkey is sent, and stands in no answer and no log line', async () => {
  await using own = await startStack();
  const { createVolume } = await own.data(
    'mutation { createVolume(input: { region: KR1, size: 1, encryption: { appKey: "hidden-appkey", keyId: "key" } }) { volume { encrypted encryption { keyId keyVersion } } } }',
  );
  expect(createVolume.volume).toEqual({ encrypted: true, encryption: { keyId: 'key', keyVersion: 1 } });
  own.simulator.inject({ kind: 'status', status: 500 });
  const failed = await own.query(
    'mutation { createVolume(input: { region: KR1, size: 1, encryption: { appKey: "hidden-appkey", keyId: "key" } }) { volume { id } } }',
  );
  expect(JSON.stringify(failed) + own.log.join('')).not.toContain('hidden-appkey');
  own.simulator.inject({
    kind: 'body',
    status: 400,
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({
      badRequest: { code: 400, message: "Invalid input. Value: {'skm_appkey': 'hidden-appkey'}." },
    }),
  });
  // Refused by the region, then by GraphQL itself in every way that prints what was given.
  const inputs = [
    '{ region: KR1, size: 1, encryption: { appKey: "hidden-appkey", keyId: "key" } }',
    '{ region: KR1, size: 1, encryption: { appKey: "hidden-appkey" } }',
    '{ region: KR1, size: 1, encryption: { appkey: "hidden-appkey", keyId: "key" } }',
    '{ size: 1, encryption: { appKey: "hidden-appkey", keyId: "key" } }',
    '{ region: KR1, encryption: "hidden-appkey" }',
  ];
  const query = 'mutation($input: CreateVolumeInput!) { createVolume(input: $input) { volume { id } } }';
  for (const input of inputs) {
    const literal = await own.query(`mutation { createVolume(input: ${input}) { volume { id } } }`);
    const json = input.replace(/(\w+):/g, '"$1":').replace(': KR1', ': "KR1"');
    const variable = await own.query(query, { variables: { input: JSON.parse(json) } });
    for (const answer of [literal, variable]) {
      expect(answer.errors?.length).toBeGreaterThan(0);
      expect(JSON.stringify(answer)).not.toContain('hidden-appkey');
    }
  }
});

test.each([
  [
    'beside metadata that has its name on the wire',
    'metadata: { skm_appkey: "decoy" }',
    "{'skm_appkey': 'hidden-appkey'}",
  ],
  ['often', 'name: "x"', 'hidden-appkey'.repeat(10_000)],
  ['in upper case', 'name: "x"', 'Invalid input. Value: HIDDEN-APPKEY.'],
  ['percent-encoded', 'name: "x"', 'Invalid input. Value: hidden%2Dappkey.'],
  ['in base64', 'name: "x"', 'Invalid input. Value: aGlkZGVuLWFwcGtleQ==.'],
  ['cut', 'name: "x"', "Invalid input. Value: 'hidden-app'..."],
])(
  'where an appkey was sent, no message of the region is passed on, as one that repeats it %s',
  async (_, field, message) => {
    await using own = await startStack();
    own.simulator.inject({
      kind: 'body',
      status: 400,
      headers: { 'content-type': 'application/json' },
      body: JSON.stringify({ badRequest: { code: 400, message } }),
    });
    const encryption = 'encryption: { appKey: "hidden-appkey", keyId: "key" }';
    const { errors } = await own.query(
      `mutation { createVolume(input: { region: KR1, size: 1, ${field}, ${encryption} }) { volume { id } } }`,
    );
    expect(errors?.[0]?.extensions).toMatchObject({ code: 'BAD_USER_INPUT', upstream: { status: 400 } });
    expect(errors?.[0]?.message).toBe(
      'Region KR1 refused the volume. Its reason is not shown, because it may repeat the appkey.',
    );
  },
);
