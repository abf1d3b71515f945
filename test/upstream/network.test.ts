import { describe, expect, test, vi } from 'vitest';
import type { ErrorCode } from '../../src/errors/codes.ts';
import { subscribe } from '../support/event-stream.ts';
import {
  deadlinesOf,
  type FaultyRegion,
  namesOf,
  startFaultyRegion,
  type Way,
  waitForQuiet,
} from '../support/faulty-region.ts';
import { alice } from '../support/stack.ts';

/*
 * What comes of a request when the network between the gateway and one region, kr1, fails in every way a network can:
 * the answer and its code, how often the region was asked, and that nothing stays open behind it. Each test has a
 * gateway of its own: nothing is left over from another, such as a memory of failures.
 */

type Operation = 'list' | 'merged' | 'create' | 'delete';
const writes: readonly Operation[] = ['create', 'delete'];
const all: readonly Operation[] = ['list', 'merged', ...writes];

interface Trouble extends Way {
  readonly name: string;
  /** What comes out all the same. */
  readonly right?: readonly Operation[];
  /** Of what does not. */
  readonly code?: ErrorCode;
  /** Of the answer, where a whole one came. */
  readonly status?: Partial<Record<Operation, number>>;
  /** Attempts for one read; each write is tried once. */
  readonly attempts: 1 | 2 | 3;
  /** Whether the requests get as far as the region. */
  readonly arrives: boolean | 'by turns';
  /** Whether a write may have been carried out, as far as the gateway can tell. */
  readonly outcomeUnknown?: boolean;
  /** The connection is as good as new behind it. */
  readonly stays?: true;
}

const lost = { code: 'UPSTREAM_UNAVAILABLE', attempts: 3, arrives: true, outcomeUnknown: true } as const;
const unreachable = { code: 'UPSTREAM_UNAVAILABLE', attempts: 3, arrives: false, outcomeUnknown: false } as const;
const silent = { code: 'UPSTREAM_TIMEOUT', attempts: 1, arrives: true, outcomeUnknown: true, isSilent: true } as const;
const benign = { right: all, attempts: 1, arrives: true } as const;
// Nothing is sent before the handshake is done.
const noTls = { link: 'https to a port without TLS', arrives: false, outcomeUnknown: false } as const;

const troubles: readonly Trouble[] = [
  { name: 'a refused connection', fault: 'refuse', ...unreachable },
  { name: 'a name that is not known', fault: 'pass', link: 'a name that nobody has', ...unreachable },
  { name: 'a self-signed certificate', fault: 'pass', link: 'https with a certificate of nobody', ...unreachable },
  { name: 'a wrong TLS handshake', fault: 'greet', ...unreachable, ...noTls },
  { name: 'a reset TLS handshake', fault: 'hangUp', ...unreachable, ...noTls },
  { name: 'a TLS handshake that gets no answer', fault: 'pass', ...silent, ...noTls },
  { name: 'a reset when the request comes', fault: 'hangUp', ...lost, arrives: false },
  { name: 'a reset before the headers', fault: 'resetBeforeHeaders', ...lost },
  { name: 'a reset after the headers', fault: 'resetAfterHeaders', ...lost },
  { name: 'an end before the answer', fault: 'halfClose', ...lost },
  { name: 'an end in the middle of the body', fault: 'cut', ...lost },
  { name: 'an end in the middle of the last body of a connection', fault: 'cutOfClosing', ...lost },
  { name: 'a body that comes drop by drop', fault: 'dribble', ...silent },
  { name: 'no answer', fault: 'stall', ...silent },
  { name: 'a broken chunk size', fault: 'corruptChunk', ...lost },
  { name: 'a broken status line', fault: 'corruptStatus', ...lost },
  { name: 'two different lengths', fault: 'corruptLength', ...lost },
  {
    name: 'a length of zero before a body',
    fault: 'lengthZero',
    ...lost,
    right: ['delete'],
    code: 'UPSTREAM_ERROR',
    status: { list: 200, merged: 200, create: 202 },
    attempts: 1,
  },
  { name: 'a second answer behind the first', fault: 'extraAnswer', ...benign },
  { name: 'a second answer to an idle connection', fault: 'extraAnswerLater', ...benign },
  { name: 'a region that flaps', fault: 'flap', ...lost, right: ['list', 'merged'], attempts: 2, arrives: 'by turns' },
  { name: 'a slow body that is in time', fault: 'throttle', ...benign, stays: true },
  { name: 'an answer that is late, but in time', fault: 'delay', ...benign, stays: true },
];

const list = '{ region(code: KR1) { volumes { nodes { name status } } } }';
const merged = '{ volumes(first: 100) { nodes { name status } failures { region { code } code message } } }';
const create = 'mutation { createVolume(input: { region: KR1, size: 1, name: "new" }) { volume { name } } }';
const remove = `mutation($ids: [ID!]!) { deleteVolumes(input: { ids: $ids, region: KR1 }) {
  results { givenId deletedVolumeId error { code region { code } outcomeUnknown message } }
} }`;

const newestFirst = (names: readonly (string | null)[]) =>
  names.map((name) => ({ name, status: 'AVAILABLE' })).reverse();
const idsOf = ({ simulator }: FaultyRegion) =>
  simulator
    .store('kr1')
    .volumes(alice.tenant)
    .map(({ id }) => id);
const isRight = ({ right = [] }: Trouble, operation: Operation) => right.includes(operation);

const sentence = expect.stringMatching(/^Region KR1 \S.+\.$/s);
const lookFirst = expect.stringContaining('look at the object, or list the newest ones');

/** Asks in trouble, and sees to it that the answer comes in time, names no address and leaves nothing open. */
async function ask({ gateway, proxy }: FaultyRegion, trouble: Trouble, query: string, variables = {}) {
  const { timers } = await waitForQuiet();
  const start = performance.now();
  const answer = await gateway.query(query, { variables });
  // A busy machine may be late by as much as the deadline itself where only that ends the call.
  expect(performance.now() - start).toBeLessThan(deadlinesOf(trouble).request * (trouble.isSilent ? 3 : 1));
  expect(JSON.stringify(answer)).not.toMatch(
    /127\.0\.0\.1|localhost|region\.invalid|:\d{4,5}|\b(ssl|tls)\b|certificate/i,
  );
  await waitForQuiet({ timers });
  if (trouble.stays) expect(proxy.counts.open).toBeGreaterThan(0);
  else await vi.waitFor(() => expect(proxy.counts.open).toBe(0), 5000);
  return answer;
}

/** So many attempts were made, and what was sent has arrived so often. */
function expectAttempts(region: FaultyRegion, { arrives }: Trouble, method: string, count: number): void {
  if (arrives !== 'by turns') expect(region.arrived()).toEqual(Array(arrives ? count : 0).fill(method));
  if (arrives !== true) expect(region.connects()).toBe(count);
  expect(region.proxy.counts.requests).toBe(region.arrived().length);
}

/** Once the network is whole again the same gateway answers as ever. */
async function expectRecovery(region: FaultyRegion, { link }: Trouble): Promise<void> {
  // What the configuration says of a region does not mend itself.
  if (link) return;
  await region.proxy.use('pass');
  expect(await region.gateway.data(list)).toEqual({ region: { volumes: { nodes: newestFirst(region.names()) } } });
}

/** The one error of a field of kr1 alone. */
function errorOf({ code, status, outcomeUnknown }: Trouble, operation: Operation, path: readonly string[]) {
  const isUnknown = outcomeUnknown && writes.includes(operation);
  return expect.objectContaining({
    path,
    message: isUnknown ? lookFirst : sentence,
    extensions: {
      code,
      region: 'KR1',
      ...(status ? { upstream: { status: status[operation], requestId: expect.stringMatching(/^req-/) } } : {}),
      ...(isUnknown ? { outcomeUnknown: true } : {}),
    },
  });
}

describe('a list of one region is right or fails with its code, after as many attempts as help', () => {
  test.each(troubles)('$name', async (trouble) => {
    await using region = await startFaultyRegion(trouble);
    const { data, errors } = await ask(region, trouble, list);
    const right = isRight(trouble, 'list');
    expect(data).toEqual({ region: { volumes: right ? { nodes: newestFirst(namesOf('kr1')) } : null } });
    expect(errors).toEqual(right ? undefined : [errorOf(trouble, 'list', ['region', 'volumes'])]);
    expectAttempts(region, trouble, 'GET', trouble.attempts);
    await expectRecovery(region, trouble);
  });
});

describe('a merged list has the other regions whole, and names the one in trouble once', () => {
  test.each(troubles)('$name', async (trouble) => {
    await using region = await startFaultyRegion(trouble);
    const { data, errors } = await ask(region, trouble, merged);
    const right = isRight(trouble, 'merged');
    expect(errors).toBeUndefined();
    expect(data.volumes).toEqual({
      nodes: newestFirst([...(right ? namesOf('kr1') : []), ...namesOf('kr2'), ...namesOf('jp1')]),
      failures: right ? [] : [{ region: { code: 'KR1' }, code: trouble.code, message: sentence }],
    });
    expectAttempts(region, trouble, 'GET', trouble.attempts);
    await expectRecovery(region, trouble);
  });
});

describe('createVolume is sent once, and says that its outcome is unknown where it may have been carried out', () => {
  test.each(troubles)('$name', async (trouble) => {
    await using region = await startFaultyRegion(trouble);
    const { data, errors } = await ask(region, trouble, create);
    const right = isRight(trouble, 'create');
    expect(data).toEqual({ createVolume: right ? { volume: { name: 'new' } } : null });
    expect(errors).toEqual(right ? undefined : [errorOf(trouble, 'create', ['createVolume'])]);
    expectAttempts(region, trouble, 'POST', 1);
    expect(region.names()).toEqual([...namesOf('kr1'), ...(trouble.arrives === true ? ['new'] : [])]);
    await expectRecovery(region, trouble);
  });
});

describe('deleteVolumes sends each deletion once, and tells of each what may have come of it', () => {
  test.each(troubles)('$name', async (trouble) => {
    await using region = await startFaultyRegion(trouble);
    const ids = idsOf(region);
    const { data, errors } = await ask(region, trouble, remove, { ids });
    expect(errors).toBeUndefined();
    const { code, outcomeUnknown, arrives } = trouble;
    const message = outcomeUnknown ? lookFirst : sentence;
    const done = { deletedVolumeId: expect.any(String), error: null };
    const failed = { deletedVolumeId: null, error: { code, region: { code: 'KR1' }, outcomeUnknown, message } };
    const left = idsOf(region);
    expect(data.deleteVolumes.results).toEqual(
      ids.map((id) => ({
        givenId: id,
        // Which of them meets a connection that holds is chance.
        ...(isRight(trouble, 'delete') || (arrives === 'by turns' && !left.includes(id)) ? done : failed),
      })),
    );
    expect(left).toHaveLength({ true: 0, false: 3, 'by turns': 2 }[`${arrives}`]);
    expectAttempts(region, trouble, 'DELETE', ids.length);
    await expectRecovery(region, trouble);
  });
});

describe('a write whose answer is lost has been carried out once', () => {
  test('a volume is there once, the error says to look, and looking finds it', async () => {
    await using region = await startFaultyRegion();
    await region.proxy.use('resetBeforeHeaders', 1);
    const { errors } = await region.gateway.query(create);
    expect(errors?.map(({ extensions }) => extensions)).toEqual([
      { code: 'UPSTREAM_UNAVAILABLE', region: 'KR1', outcomeUnknown: true },
    ]);
    expect(errors?.[0]?.message).toEqual(lookFirst);
    expect(region.names()).toEqual([...namesOf('kr1'), 'new']);
    const looked = await region.gateway.data(list);
    expect(looked.region.volumes.nodes).toEqual(newestFirst([...namesOf('kr1'), 'new']));
    expect(region.arrived()).toEqual(['POST', 'GET']);
  });

  test('of many deletions only the one whose answer is lost is unknown, and all are done', async () => {
    await using region = await startFaultyRegion();
    await region.proxy.use('cut', 1);
    const { deleteVolumes } = await region.gateway.data(remove, { variables: { ids: idsOf(region) } });
    expect(deleteVolumes.results).toHaveLength(3);
    expect(deleteVolumes.results.flatMap(({ error }: { error: object | null }) => error ?? [])).toEqual([
      { code: 'UPSTREAM_UNAVAILABLE', region: { code: 'KR1' }, outcomeUnknown: true, message: lookFirst },
    ]);
    expect(region.names()).toEqual([]);
    expect(region.arrived()).toEqual(['DELETE', 'DELETE', 'DELETE']);
  });
});

test('of many reads in a region that flaps each is right or has a code, and nearly all are right', async () => {
  await using region = await startFaultyRegion();
  const expected = await region.gateway.data(list);
  // With these the failing half of the attempts does not become more than half.
  for (let index = 0; index < 10; index++) await region.gateway.data(list);
  await region.proxy.use('flap');
  let right = 0;
  for (let index = 0; index < 40; index++) {
    const { data, errors } = await region.gateway.query(list);
    if (errors) {
      expect(errors.map(({ extensions }) => extensions)).toEqual([{ code: 'UPSTREAM_UNAVAILABLE', region: 'KR1' }]);
    } else {
      expect(data).toEqual(expected);
      right++;
    }
  }
  expect(right).toBeGreaterThanOrEqual(36);
  // It did flap: one connection for each answer, and one in vain.
  expect(region.proxy.counts.opened).toBeGreaterThan(60);
});

describe('who follows a volume is told nothing of the trouble, and its next change when that is over', () => {
  // What the configuration says of a region is never over.
  test.each(troubles.filter(({ link }) => !link))('$name', async (trouble) => {
    await using region = await startFaultyRegion({ ...trouble, fault: 'pass' });
    const [id = ''] = idsOf(region);
    const query = `subscription { volumeUpdated(id: "${id}", region: KR1, until: [ERROR]) { status } }`;
    await using subscribed = subscribe(region.gateway, query);
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(1), 5000);
    const before = await readsOfVolume(region);
    await region.proxy.use(trouble.fault);
    await vi.waitFor(async () => expect(await readsOfVolume(region)).toBeGreaterThan(before + 1), 10_000);
    region.simulator.store('kr1').setStatus(id, 'error');
    await region.proxy.use('pass');
    await subscribed.ended;
    const told = (status: string) => ({ data: { volumeUpdated: { status } } });
    expect(subscribed.results).toEqual([told('AVAILABLE'), told('ERROR')]);
  });
});

/** Of one volume, however they ended. */
async function readsOfVolume({ gateway }: FaultyRegion): Promise<number> {
  const { text } = await gateway.fetch('/metrics');
  const counts = text.matchAll(/^gateway_upstream_duration_seconds_count\{.*resource="\/volumes\/\{id\}".*\} (\d+)$/gm);
  return Array.from(counts, ([, count]) => Number(count)).reduce((sum, count) => sum + count, 0);
}
