import { execFile } from 'node:child_process';
import { readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { describe, expect, test, vi } from 'vitest';
import { parseRegions } from '../../src/regions.ts';
import { createAudit } from '../../src/telemetry/audit-log.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import type { Caller, Send, UpstreamRequest } from '../../src/upstream/send.ts';
import { startCanned } from '../support/canned.ts';
import { startFaultyRegion } from '../support/faulty-region.ts';
import { alice, bob, type GatewayUnderTest, startGateway, startStack } from '../support/stack.ts';

/* The audit log: one line `change` for each write. */

const page = readFileSync(new URL('../../docs/operations.md', import.meta.url), 'utf8');
const key = 'audit-key-of-the-tests';
const missing = '00000000-0000-4000-8000-000000000000';
const uuidPattern = /^[0-9a-f]{8}-[0-9a-f-]{27}$/;

function linesOf({ log }: Pick<GatewayUnderTest, 'log'>) {
  return log.map((line) => JSON.parse(line)).filter(({ msg }) => msg === 'change');
}

/** Waits for lines of writes that nobody waits for any more. */
function linesOnceThere(gateway: Pick<GatewayUnderTest, 'log'>, count: number) {
  return vi.waitFor(() => {
    const lines = linesOf(gateway);
    expect(lines).toHaveLength(count);
    return lines;
  }, 5000);
}

/** The line of the request with this id. */
function requestLine({ log }: Pick<GatewayUnderTest, 'log'>, requestId: string) {
  return log.map((line) => JSON.parse(line)).find((line) => line.msg === 'request' && line.requestId === requestId);
}

const create = 'mutation Create { createVolume(input: { region: KR1, size: 1 }) { volume { id } } }';
const remove = (uuid: string) => `mutation { deleteVolume(input: { id: "${uuid}", region: KR1 }) { deletedVolumeId } }`;
const removeAll = `mutation RemoveAll($ids: [ID!]!) {
  deleteVolumes(input: { ids: $ids, region: KR1 }) { results { error { code outcomeUnknown } } }
}`;

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
    const done = linesOf(stack).filter(({ outcome }) => outcome === 'done');
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
    expect(linesOf(stack).map(({ source }) => source)).toEqual([snapshot.id, volume.id]);
  });

  test('has the fields of the documented line and of the documented table', async () => {
    await using stack = await startStack();
    await stack.data(create);
    const fields = Object.keys(linesOf(stack)[0]);
    const [, section = ''] = /^## The audit log$(.*?)^## /ms.exec(page) ?? [];
    const [, example = ''] = /```json\n(.*?)```/s.exec(section) ?? [];
    expect(Object.keys(JSON.parse(example))).toEqual(fields);
    const [, table = ''] = /^\| field .*\n\| ---.*\n((?:\|.*\n)+)/m.exec(section) ?? [];
    expect(Array.from(table.matchAll(/^\| `(\w+)`/gm), ([, field]) => field)).toEqual(fields);
  });

  test('has no line where LOG_LEVEL leaves out the level info', async () => {
    await using stack = await startStack({ environment: { LOG_LEVEL: 'warn' } });
    await stack.data(create);
    expect(linesOf(stack)).toEqual([]);
  });

  test('is one line for each alias of a document', async () => {
    await using stack = await startStack();
    const { first, second } = await stack.data(`mutation Two {
      first: createVolume(input: { region: KR1, size: 1 }) { volume { uuid } }
      second: createVolume(input: { region: KR2, size: 1 }) { volume { uuid } }
    }`);
    expect(linesOf(stack)).toMatchObject([
      { operation: 'Two', region: 'kr1', uuid: first.volume.uuid },
      { operation: 'Two', region: 'kr2', uuid: second.volume.uuid },
    ]);
  });

  test('that the region refuses has its code, its status and the region’s id of the call', async () => {
    await using stack = await startStack();
    const { errors } = await stack.query(remove(missing));
    const upstream = errors?.[0]?.extensions?.upstream;
    expect(upstream).toEqual({ status: 404, requestId: expect.stringMatching(/^req-/) });
    const [line, ...others] = linesOf(stack);
    expect(others).toEqual([]);
    expect(line).toMatchObject({ verb: 'delete', uuid: missing, outcome: 'refused', code: 'NOT_FOUND' });
    expect({ status: line.upstreamStatus, requestId: line.upstreamRequestId }).toEqual(upstream);
  });

  test('with an answer that cannot be read is unknown, with the status of the answer', async () => {
    await using region = await startCanned(() => ({ status: 202, body: '<html>' }));
    await using gateway = await startGateway({ kr1: region.endpoint });
    await gateway.query(create);
    expect(linesOf(gateway)).toMatchObject([
      { outcome: 'unknown', code: 'UPSTREAM_ERROR', uuid: null, upstreamStatus: 202, upstreamRequestId: 'req-canned' },
    ]);
  });

  test('has a bounded id of the region', async () => {
    const headers = { 'x-openstack-request-id': 'r'.repeat(8000) };
    await using region = await startCanned(() => ({ status: 403, headers }));
    await using gateway = await startGateway({ kr1: region.endpoint });
    await gateway.query(create);
    expect(linesOf(gateway)).toMatchObject([{ outcome: 'refused', upstreamRequestId: 'r'.repeat(100) }]);
  });

  test('whose answer is lost is unknown', async () => {
    await using faulty = await startFaultyRegion({ fault: 'resetBeforeHeaders' });
    await faulty.gateway.query(create);
    expect(faulty.arrived()).toEqual(['POST']);
    expect(linesOf(faulty.gateway)).toMatchObject([
      { outcome: 'unknown', code: 'UPSTREAM_UNAVAILABLE', uuid: null, upstreamStatus: null, upstreamRequestId: null },
    ]);
  });

  test('that the deadline cuts short is unknown', async () => {
    await using faulty = await startFaultyRegion({ fault: 'stall', isSilent: true });
    await faulty.gateway.query(create);
    expect(faulty.arrived()).toEqual(['POST']);
    expect(linesOf(faulty.gateway)).toMatchObject([{ outcome: 'unknown', code: 'UPSTREAM_TIMEOUT' }]);
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
    expect(await linesOnceThere(stack, 2)).toMatchObject([
      { operation: 'Leave', region: 'kr1', outcome: 'unknown', code: 'UPSTREAM_UNAVAILABLE' },
      { operation: 'Leave', region: 'kr2', outcome: 'notSent', code: 'UPSTREAM_UNAVAILABLE' },
    ]);
    expect(stack.calls()).toEqual(['POST /volumes']);
  });
});

describe('a fault of the gateway', () => {
  /** The line of a write that a programming error ends. */
  async function lineOf(run: (send: Send) => Promise<void>) {
    const log: string[] = [];
    const audit = createAudit(createLogger('info', { write: (line) => void log.push(line) }), null);
    const change = { verb: 'delete', object: 'volume', uuid: missing } as const;
    const send = () => Promise.reject(new TypeError('a bug'));
    const [region] = parseRegions('kr1=http://127.0.0.1', { allowHttp: true, ownIdentity: [] }).regions;
    if (!region) throw new Error('there is a region');
    const write = {
      requestId: 'fault',
      globalRequestId: 'req-fault',
      identity: alice,
      operation: null,
      region,
      change,
      send,
      run,
    };
    await expect(audit(write)).rejects.toThrow('a bug');
    return linesOf({ log });
  }

  test('before the call of a write is not sent, and after it was begun is unknown', async () => {
    const code = 'INTERNAL_SERVER_ERROR';
    const early = await lineOf(() => Promise.reject(new TypeError('a bug')));
    expect(early).toMatchObject([{ outcome: 'notSent', code, uuid: missing }]);
    // The `send` of this test reads neither request nor caller.
    const late = await lineOf(async (send) => void (await send({} as UpstreamRequest, {} as Caller)));
    expect(late).toMatchObject([{ outcome: 'unknown', code, uuid: missing }]);
  });
});

describe('a write that is not sent', () => {
  test('because nothing listens at the endpoint says so', async () => {
    await using faulty = await startFaultyRegion({ fault: 'refuse' });
    await faulty.gateway.query(create);
    expect(linesOf(faulty.gateway)).toMatchObject([
      { outcome: 'notSent', code: 'UPSTREAM_UNAVAILABLE', upstreamStatus: null },
    ]);
  });

  test('because the circuit is open says so', async () => {
    await using stack = await startStack();
    stack.simulator.inject({ kind: 'status', status: 503 });
    while ((await stack.data('{ regions { available } }')).regions[0].available)
      await stack.query('{ region(code: KR1) { volumes { nodes { status } } } }');
    stack.simulator.clearRequests();
    await stack.query(create);
    expect(stack.calls()).toEqual([]);
    expect(linesOf(stack)).toMatchObject([{ outcome: 'notSent', code: 'UPSTREAM_UNAVAILABLE', uuid: null }]);
  });

  test.each([
    ['without a token', { 'x-auth-token': '' }, 'UNAUTHENTICATED'],
    ['without a tenant', { 'x-tenant-id': '' }, 'TENANT_REQUIRED'],
    ['with a tenant that cannot be one', { 'x-tenant-id': 'not a tenant' }, 'BAD_USER_INPUT'],
  ])('because it came %s has neither tenant nor caller', async (_, headers, code) => {
    await using stack = await startStack({ environment: { AUDIT_KEY: key } });
    const { errors } = await stack.query(create, { headers });
    expect(errors?.[0]?.extensions?.code).toBe(code);
    expect(stack.calls()).toEqual([]);
    expect(linesOf(stack)).toMatchObject([{ outcome: 'notSent', code, tenant: null, caller: null }]);
  });

  test('because it came without a token has one line for all writes of its request', async () => {
    await using stack = await startStack();
    const ids = Array.from({ length: 100 }, (_, index) => `"${missing.slice(0, -3)}${String(index).padStart(3, '0')}"`);
    const query = `mutation { deleteVolumes(input: { ids: [${ids.join()}], region: KR1 }) { results { error { code } } } }`;
    await stack.query(query, { headers: { 'x-auth-token': '' } });
    expect(linesOf(stack)).toHaveLength(1);
  });

  test('because its input is invalid is not a write, and has no line', async () => {
    await using stack = await startStack();
    await stack.query(remove('nonsense'));
    await stack.query('mutation { createVolume(input: { region: KR1, size: 0 }) { volume { id } } }');
    await stack.query(`mutation { createVolume(input: { region: KR1, snapshotId: "${missing}" }) { volume { id } } }`);
    expect(linesOf(stack)).toEqual([]);
  });
});

describe('a bulk deletion', () => {
  test('is one line for each object, whatever came of it', async () => {
    const uuids = Array.from({ length: 3 }, (_, index) => missing.replace(/.$/, String(index)));
    const [accepted = '', held = '', lost = ''] = uuids;
    await using region = await startCanned(({ path }, response) => {
      if (path.endsWith(lost)) response.destroy();
      if (path.endsWith(held)) return { status: 400, body: { badRequest: { message: 'Invalid volume: in use.' } } };
      return path.endsWith(lost) ? null : { status: 202, body: '' };
    });
    await using gateway = await startGateway({ kr1: region.endpoint });
    const { deleteVolumes } = await gateway.data(removeAll, { variables: { ids: [accepted, held, lost, accepted] } });
    const errors = deleteVolumes.results.map(({ error }: { error: unknown }) => error);
    expect(errors).toEqual([
      null,
      { code: 'CONFLICT', outcomeUnknown: false },
      { code: 'UPSTREAM_UNAVAILABLE', outcomeUnknown: true },
      null,
    ]);
    const answered = { upstreamRequestId: 'req-canned' };
    const unanswered = { upstreamStatus: null, upstreamRequestId: null };
    const lines = linesOf(gateway).toSorted((one, other) => (one.uuid < other.uuid ? -1 : 1));
    const same = { operation: 'RemoveAll', verb: 'delete', object: 'volume', region: 'kr1', tenant: alice.tenant };
    expect(lines).toMatchObject([
      { ...same, ...answered, uuid: accepted, outcome: 'done', code: null, upstreamStatus: 202 },
      { ...same, ...answered, uuid: held, outcome: 'refused', code: 'CONFLICT', upstreamStatus: 400 },
      { ...same, ...unanswered, uuid: lost, outcome: 'unknown', code: 'UPSTREAM_UNAVAILABLE' },
    ]);
  });

  test('has a line for each snapshot that was not sent in time, too', async () => {
    await using slow = await startStack({ environment: { REQUEST_TIMEOUT_MS: '1000' } });
    const store = slow.simulator.store('kr1');
    const volume = store.addVolume(alice.tenant);
    const ids = Array.from({ length: 60 }, () => store.addSnapshot(alice.tenant, { volume_id: volume.id }).id);
    slow.simulator.inject({ kind: 'delay', ms: 300, method: 'DELETE' });
    await slow.data(
      'mutation($ids: [ID!]!) { deleteSnapshots(input: { ids: $ids, region: KR1 }) { results { givenId } } }',
      { variables: { ids } },
    );
    const lines = await linesOnceThere(slow, ids.length);
    expect(new Set(lines.map(({ uuid }) => uuid))).toEqual(new Set(ids));
    const notSent = lines.filter(({ outcome }) => outcome === 'notSent');
    expect(notSent.length).toBe(ids.length - slow.calls().length);
    expect(notSent.length).toBeGreaterThan(0);
    for (const line of notSent) expect(line).toMatchObject({ object: 'snapshot', code: 'UPSTREAM_TIMEOUT' });
  });

  test('counts the codes of its results as errors, each once, and its answer is whole all the same', async () => {
    await using stack = await startStack();
    const volume = stack.simulator.store('kr1').addVolume(alice.tenant);
    const ids = [volume.id, missing, missing.replace(/.$/, '1'), 'nonsense'];
    const { status, text } = await stack.fetch('/graphql', {
      method: 'POST',
      headers: {
        accept: 'application/graphql-response+json',
        'content-type': 'application/json',
        'x-auth-token': alice.token,
        'x-tenant-id': alice.tenant,
        'x-request-id': 'bulk',
      },
      body: JSON.stringify({ query: removeAll, variables: { ids } }),
    });
    expect(status).toBe(200);
    expect(Object.keys(JSON.parse(text))).toEqual(['data']);
    const { errorCodes } = requestLine(stack, 'bulk');
    expect(errorCodes.toSorted()).toEqual(['BAD_USER_INPUT', 'NOT_FOUND']);
    const metrics = await stack.fetch('/metrics');
    expect(metrics.text).toContain('gateway_errors_total{code="NOT_FOUND"} 1\n');
    expect(metrics.text).toContain('gateway_errors_total{code="BAD_USER_INPUT"} 1\n');
  });

  test('without a failure counts no error', async () => {
    await using stack = await startStack();
    const volume = stack.simulator.store('kr1').addVolume(alice.tenant);
    await stack.data(removeAll, { variables: { ids: [volume.id] }, headers: { 'x-request-id': 'good' } });
    expect(requestLine(stack, 'good')).toMatchObject({ errorCodes: [] });
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
    const lines = linesOf(stack);
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
      await stack.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', 'x-auth-token': alice.token, 'x-tenant-id': alice.tenant },
        body: JSON.stringify({ query: create.replace('Create', name), operationName: name }),
      });
      expect(linesOf(stack)).toEqual([]);
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
    expect(linesOf(stack)).toMatchObject([{ outcome: 'done' }, { outcome: 'unknown', upstreamStatus: 500 }]);
    for (const hidden of [secret, 'hidden-name', alice.token, key]) expect(stack.log.join('')).not.toContain(hidden);
  });
});
