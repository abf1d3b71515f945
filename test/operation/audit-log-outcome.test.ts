import { describe, expect, test } from 'vitest';
import { parseRegions } from '../../src/regions.ts';
import { createAudit } from '../../src/telemetry/audit-log.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import type { Caller, Send, UpstreamRequest } from '../../src/upstream/send.ts';
import { startCanned } from '../support/canned.ts';
import { startFaultyRegion } from '../support/faulty-region.ts';
import { postOf } from '../support/post.ts';
import { alice, startGateway, startStack } from '../support/stack.ts';
import { changesOf, changesOnceThere, create, key, missing, remove, removeAll, requestLine } from './audit-log.ts';

/* The audit log of writes that are not sent, of a fault of the gateway, and of bulk deletions. */

describe('a write that is not sent', () => {
  test('because nothing listens at the endpoint says so', async () => {
    await using faulty = await startFaultyRegion({ fault: 'refuse' });
    await faulty.gateway.query(create);
    expect(changesOf(faulty.gateway)).toMatchObject([
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
    expect(changesOf(stack)).toMatchObject([{ outcome: 'notSent', code: 'UPSTREAM_UNAVAILABLE', uuid: null }]);
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
    expect(changesOf(stack)).toMatchObject([{ outcome: 'notSent', code, tenant: null, caller: null }]);
  });

  test('because it came without a token has one line for all writes of its request', async () => {
    await using stack = await startStack();
    const ids = Array.from({ length: 100 }, (_, index) => `"${missing.slice(0, -3)}${String(index).padStart(3, '0')}"`);
    const query = `mutation { deleteVolumes(input: { ids: [${ids.join()}], region: KR1 }) { results { error { code } } } }`;
    await stack.query(query, { headers: { 'x-auth-token': '' } });
    expect(changesOf(stack)).toHaveLength(1);
  });

  test('because its input is invalid is not a write, and has no line', async () => {
    await using stack = await startStack();
    await stack.query(remove('nonsense'));
    await stack.query('mutation { createVolume(input: { region: KR1, size: 0 }) { volume { id } } }');
    await stack.query(`mutation { createVolume(input: { region: KR1, snapshotId: "${missing}" }) { volume { id } } }`);
    expect(changesOf(stack)).toEqual([]);
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
    return changesOf({ log });
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
    const lines = changesOf(gateway).toSorted((one, other) => (one.uuid < other.uuid ? -1 : 1));
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
    const lines = await changesOnceThere(slow, ids.length);
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
    const { status, text } = await stack.fetch(
      '/graphql',
      postOf(
        { query: removeAll, variables: { ids } },
        { accept: 'application/graphql-response+json', 'x-request-id': 'bulk' },
      ),
    );
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
