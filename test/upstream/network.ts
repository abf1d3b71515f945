import { expect, vi } from 'vitest';
import type { ErrorCode } from '../../src/errors/codes.ts';
import { deadlinesOf, type FaultyRegion, type Way, waitForQuiet } from '../support/faulty-region.ts';
import { alice } from '../support/stack.ts';

/* The ways in which the network between the gateway and a region can fail, and what holds of a request then. */

type Operation = 'list' | 'merged' | 'create' | 'delete';
const writes: readonly Operation[] = ['create', 'delete'];
const all: readonly Operation[] = ['list', 'merged', ...writes];

export interface Trouble extends Way {
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

export const troubles: readonly Trouble[] = [
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

export const list = '{ region(code: KR1) { volumes { nodes { name status } } } }';
export const merged = '{ volumes(first: 100) { nodes { name status } failures { region { code } code message } } }';
export const create = 'mutation { createVolume(input: { region: KR1, size: 1, name: "new" }) { volume { name } } }';
export const remove = `mutation($ids: [ID!]!) { deleteVolumes(input: { ids: $ids, region: KR1 }) {
  results { givenId deletedVolumeId error { code region { code } outcomeUnknown message } }
} }`;

export const newestFirst = (names: readonly (string | null)[]) =>
  names.map((name) => ({ name, status: 'AVAILABLE' })).reverse();
export const idsOf = ({ simulator }: FaultyRegion) =>
  simulator
    .store('kr1')
    .volumes(alice.tenant)
    .map(({ id }) => id);
export const isRight = ({ right = [] }: Trouble, operation: Operation) => right.includes(operation);

export const sentence = expect.stringMatching(/^Region KR1 \S.+\.$/s);
export const lookFirst = expect.stringContaining('look at the object, or list the newest ones');

/** Asks in trouble, and sees to it that the answer comes in time, names no address and leaves nothing open. */
export async function ask({ gateway, proxy }: FaultyRegion, trouble: Trouble, query: string, variables = {}) {
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
export function expectAttempts(region: FaultyRegion, { arrives }: Trouble, method: string, count: number): void {
  if (arrives !== 'by turns') expect(region.arrived()).toEqual(Array(arrives ? count : 0).fill(method));
  if (arrives !== true) expect(region.connects()).toBe(count);
  expect(region.proxy.counts.requests).toBe(region.arrived().length);
}

/** Once the network is whole again the same gateway answers as ever. */
export async function expectRecovery(region: FaultyRegion, { link }: Trouble): Promise<void> {
  // What the configuration says of a region does not mend itself.
  if (link) return;
  await region.proxy.use('pass');
  expect(await region.gateway.data(list)).toEqual({ region: { volumes: { nodes: newestFirst(region.names()) } } });
}

/** The one error of a field of kr1 alone. */
export function errorOf({ code, status, outcomeUnknown }: Trouble, operation: Operation, path: readonly string[]) {
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
