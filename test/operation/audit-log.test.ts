import { execFile } from 'node:child_process';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { schema } from '../../src/schema/index.ts';
import { startCanned } from '../support/canned.ts';
import { startFaultyRegion } from '../support/faulty-region.ts';
import { postOf } from '../support/post.ts';
import { alice, bob, startGateway, startStack } from '../support/stack.ts';
import { changesOf, changesOnceThere, create, key, missing, page, remove, uuidPattern } from './audit-log.ts';

/* The audit log: one line `change` for each write, with its caller. */

const [, section = ''] = /^## The audit log$(.*?)^## /ms.exec(page) ?? [];

describe('a write', () => {
  test('is one line, each of the life of a volume, with what was made and from what', async () => {
    await using stack = await startStack();
    const ask = (query: string) => stack.data(query, { headers: { 'x-request-id': 'life' } });
    const { createVolume } = await ask(
      'mutation Begin { createVolume(input: { region: KR1, size: 2, name: "life" }) { volume { uuid } } }',
    );
    const volume = createVolume.volume.uuid;
    const { createSnapshot } = await ask(
      `mutation Keep { createSnapshot(input: { volumeId: "${volume}", region: KR1 }) { snapshot { uuid } } }`,
    );
    const snapshot = createSnapshot.snapshot.uuid;
    const { uploadVolumeToImage } = await ask(
      `mutation { uploadVolumeToImage(input: { volumeId: "${volume}", region: KR1, imageName: "i" }) { image { imageId } } }`,
    );
    const { imageId } = uploadVolumeToImage.image;
    await ask(`mutation { deleteSnapshot(input: { id: "${snapshot}", region: KR1 }) { deletedSnapshotId } }`);
    await vi.waitFor(() => ask(remove(volume)), 5000);
    for (const uuid of [volume, snapshot, imageId]) expect(uuid).toMatch(uuidPattern);
    const same = {
      level: 30,
      time: expect.any(Number),
      msg: 'change',
      requestId: 'life',
      globalRequestId: expect.stringMatching(/^req-[0-9a-f-]{36}$/),
      tenant: alice.tenant,
      region: 'kr1',
      outcome: 'done',
      code: null,
      upstreamStatus: 202,
      upstreamRequestId: expect.stringMatching(/^req-/),
      caller: null,
    };
    const done = changesOf(stack).filter(({ outcome }) => outcome === 'done');
    expect(done).toEqual([
      { ...same, operation: 'Begin', verb: 'create', object: 'volume', uuid: volume, source: null },
      { ...same, operation: 'Keep', verb: 'create', object: 'snapshot', uuid: snapshot, source: volume },
      { ...same, operation: null, verb: 'upload', object: 'image', uuid: imageId, source: volume },
      { ...same, operation: null, verb: 'delete', object: 'snapshot', uuid: snapshot, source: null },
      { ...same, operation: null, verb: 'delete', object: 'volume', uuid: volume, source: null },
    ]);
    expect(new Set(done.map(({ upstreamRequestId }) => upstreamRequestId)).size).toBe(5);
  });

  test('of a volume from a snapshot or a volume names that source', async () => {
    await using stack = await startStack();
    const store = stack.simulator.store('kr1');
    const volume = store.addVolume(alice.tenant);
    const snapshot = store.addSnapshot(alice.tenant, { volume_id: volume.id });
    const from = (source: string) => `mutation { createVolume(input: { region: KR1, ${source} }) { volume { id } } }`;
    await stack.data(from(`snapshotId: "${snapshot.id}"`));
    await stack.data(from(`sourceVolumeId: "${volume.id}"`));
    expect(changesOf(stack).map(({ source }) => source)).toEqual([snapshot.id, volume.id]);
  });

  test('has the fields of the documented line and of the documented table', async () => {
    await using stack = await startStack();
    await stack.data(create);
    const fields = Object.keys(changesOf(stack)[0]);
    const [, example = ''] = /```json\n(.*?)```/s.exec(section) ?? [];
    expect(Object.keys(JSON.parse(example))).toEqual(fields);
    const [, table = ''] = /^\| field .*\n\| ---.*\n((?:\|.*\n)+)/m.exec(section) ?? [];
    expect(Array.from(table.matchAll(/^\| `(\w+)`/gm), ([, field]) => field)).toEqual(fields);
  });

  test('is documented for each mutation', () => {
    const mutations = Object.keys(schema.getMutationType()?.getFields() ?? {});
    expect(mutations.length).toBeGreaterThan(6);
    expect(mutations.filter((name) => !section.includes(`\`${name}\``))).toEqual([]);
  });

  test('has no line where LOG_LEVEL leaves out the level info', async () => {
    await using stack = await startStack({ environment: { LOG_LEVEL: 'warn' } });
    await stack.data(create);
    expect(changesOf(stack)).toEqual([]);
  });

  test('is one line for each alias of a document', async () => {
    await using stack = await startStack();
    const { first, second } = await stack.data(`mutation Two {
      first: createVolume(input: { region: KR1, size: 1 }) { volume { uuid } }
      second: createVolume(input: { region: KR2, size: 1 }) { volume { uuid } }
    }`);
    expect(changesOf(stack)).toMatchObject([
      { operation: 'Two', region: 'kr1', uuid: first.volume.uuid },
      { operation: 'Two', region: 'kr2', uuid: second.volume.uuid },
    ]);
  });

  test('that the region refuses has its code, its status and the region’s id of the call', async () => {
    await using stack = await startStack();
    const { errors } = await stack.query(remove(missing));
    const upstream = errors?.[0]?.extensions?.upstream;
    expect(upstream).toEqual({ status: 404, requestId: expect.stringMatching(/^req-/) });
    const [line, ...others] = changesOf(stack);
    expect(others).toEqual([]);
    expect(line).toMatchObject({ verb: 'delete', uuid: missing, outcome: 'refused', code: 'NOT_FOUND' });
    expect({ status: line.upstreamStatus, requestId: line.upstreamRequestId }).toEqual(upstream);
  });

  test('with an answer that cannot be read is unknown, with the status of the answer', async () => {
    await using region = await startCanned(() => ({ status: 202, body: '<html>' }));
    await using gateway = await startGateway({ kr1: region.endpoint });
    await gateway.query(create);
    expect(changesOf(gateway)).toMatchObject([
      { outcome: 'unknown', code: 'UPSTREAM_ERROR', uuid: null, upstreamStatus: 202, upstreamRequestId: 'req-canned' },
    ]);
  });

  test('has a bounded id of the region', async () => {
    const headers = { 'x-openstack-request-id': 'r'.repeat(8000) };
    await using region = await startCanned(() => ({ status: 403, headers }));
    await using gateway = await startGateway({ kr1: region.endpoint });
    await gateway.query(create);
    expect(changesOf(gateway)).toMatchObject([{ outcome: 'refused', upstreamRequestId: 'r'.repeat(100) }]);
  });

  test('whose answer is lost is unknown', async () => {
    await using faulty = await startFaultyRegion({ fault: 'resetBeforeHeaders' });
    await faulty.gateway.query(create);
    expect(faulty.arrived()).toEqual(['POST']);
    expect(changesOf(faulty.gateway)).toMatchObject([
      { outcome: 'unknown', code: 'UPSTREAM_UNAVAILABLE', uuid: null, upstreamStatus: null, upstreamRequestId: null },
    ]);
  });

  test('that the deadline cuts short is unknown', async () => {
    await using faulty = await startFaultyRegion({ fault: 'stall', isSilent: true });
    await faulty.gateway.query(create);
    expect(faulty.arrived()).toEqual(['POST']);
    expect(changesOf(faulty.gateway)).toMatchObject([{ outcome: 'unknown', code: 'UPSTREAM_TIMEOUT' }]);
  });

  test('is a line also if the client has left: unknown if it was sent by then, else not sent', async () => {
    await using stack = await startStack();
    stack.simulator.inject({ kind: 'hang' });
    const leaving = new AbortController();
    const answer = stack.query(
      `mutation Leave {
        sent: createVolume(input: { region: KR1, size: 1 }) { volume { id } }
        later: createVolume(input: { region: KR2, size: 1 }) { volume { id } }
      }`,
      { signal: leaving.signal },
    );
    await stack.simulator.waitForRequests(1);
    leaving.abort();
    await expect(answer).rejects.toThrow();
    expect(await changesOnceThere(stack, 2)).toMatchObject([
      { operation: 'Leave', region: 'kr1', outcome: 'unknown', code: 'UPSTREAM_UNAVAILABLE' },
      { operation: 'Leave', region: 'kr2', outcome: 'notSent', code: 'UPSTREAM_UNAVAILABLE' },
    ]);
    expect(stack.calls()).toEqual(['POST /volumes']);
  });
});

describe('the caller', () => {
  /** Both tenants write twice, with a token for all regions or one for the region. */
  async function callersOf(environment: Record<string, string>) {
    await using stack = await startStack({ environment });
    for (const { token, tenant } of [alice, bob]) {
      await stack.data(create, { headers: { 'x-auth-token': token, 'x-tenant-id': tenant } });
      const own = { 'x-auth-token': 'another-token', 'x-auth-token-kr1': token, 'x-tenant-id': tenant };
      await stack.data(create, { headers: own });
    }
    const lines = changesOf(stack);
    expect(lines.map(({ tenant }) => tenant)).toEqual([alice.tenant, alice.tenant, bob.tenant, bob.tenant]);
    const { text } = await stack.fetch('/metrics');
    expect(stack.log.join('') + text).not.toContain(environment.AUDIT_KEY ?? alice.token);
    return lines.map(({ caller }) => caller);
  }

  test('is null without AUDIT_KEY', async () => {
    expect(await callersOf({})).toEqual([null, null, null, null]);
  });

  test('with AUDIT_KEY is the same for the same token, on each replica, and another with another key', async () => {
    const [one, again, other, otherAgain] = await callersOf({ AUDIT_KEY: key });
    expect(one).toMatch(/^[0-9a-f]{32}$/);
    expect([again, otherAgain]).toEqual([one, other]);
    expect(other).not.toBe(one);
    expect(await callersOf({ AUDIT_KEY: key })).toEqual([one, one, other, other]);
    expect(await callersOf({ AUDIT_KEY: `${key}-2` })).not.toContain(one);
  });

  test('is what the documented command prints for the token', async () => {
    const [, command = ''] = /^caller=\$\((.*openssl.*)\)$/m.exec(page) ?? [];
    const run = (token: string) =>
      promisify(execFile)('sh', ['-c', command], { env: { PATH: process.env.PATH, TOKEN: token, AUDIT_KEY: key } });
    const printed = [await run(alice.token), await run(bob.token)].map(({ stdout }) => stdout.trim());
    const [one, , other] = await callersOf({ AUDIT_KEY: key });
    expect(printed).toEqual([one, other]);
  });
});

describe('what a client sends', () => {
  test('a long operation name is cut, and the line stays one line of JSON', async () => {
    await using stack = await startStack();
    const name = 'N'.repeat(50_000);
    await stack.data(create.replace('Create', name));
    const [line = '', ...others] = stack.log.filter((text) => text.includes('"msg":"change"'));
    expect(others).toEqual([]);
    expect(line.length).toBeLessThan(1000);
    expect(line.indexOf('\n')).toBe(line.length - 1);
    expect(JSON.parse(line).operation).toBe(name.slice(0, 100));
  });

  test.each(['a\nb', 'a\\u000ab', '{"msg":"change"}', 'ü'])(
    'an operation name that GraphQL does not allow, %j, writes no line',
    async (name) => {
      await using stack = await startStack();
      await stack.fetch('/graphql', postOf({ query: create.replace('Create', name), operationName: name }));
      expect(changesOf(stack)).toEqual([]);
      for (const line of stack.log) expect(line.trim()).not.toContain('\n');
    },
  );

  test('an appkey, a name and a token are in no line', async () => {
    await using stack = await startStack({ environment: { AUDIT_KEY: key } });
    const secret = 'hidden-appkey';
    const encrypted = `mutation { createVolume(input: {
      region: KR1, size: 1, name: "hidden-name", encryption: { appKey: "${secret}", keyId: "key" }
    }) { volume { id } } }`;
    await stack.data(encrypted);
    stack.simulator.inject({ kind: 'status', status: 500 });
    await stack.query(encrypted);
    expect(changesOf(stack)).toMatchObject([{ outcome: 'done' }, { outcome: 'unknown', upstreamStatus: 500 }]);
    for (const hidden of [secret, 'hidden-name', alice.token, key]) expect(stack.log.join('')).not.toContain(hidden);
  });
});
