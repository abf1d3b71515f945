import { randomBytes } from 'node:crypto';
import { expect } from 'vitest';
import {
  callPeer,
  openPeer,
  openScratch,
  PATIENCE,
  type Peer,
  type PeerAnswer,
  type PeerUser,
  type Scratch,
} from './peer.ts';

/*
 * Raw calls and what is expected of them, held against the simulator and, with PEER=cinder, against a real Cinder: what
 * passes with both is how the simulator is known to be right.
 */

/** Marks the rows of this run, so that other rows of a real tenant do not matter. */
export const RUN = `contract-${randomBytes(4).toString('hex')}`;

/** Why a volume cannot be deleted, whatever holds it. */
export const CONFLICT =
  'Invalid volume: Volume status must be available or error or error_restoring or error_extending or error_managing and must not be migrating, attached, belong to a group, have snapshots or be disassociated from snapshots after volume transfer.';

/** What an answer shows of a volume, but for its tenant. */
export const VOLUME_KEYS = [
  'id',
  'status',
  'size',
  'availability_zone',
  'created_at',
  'updated_at',
  'name',
  'description',
  'volume_type',
]
  .concat([
    'snapshot_id',
    'source_volid',
    'metadata',
    'links',
    'user_id',
    'bootable',
    'encrypted',
    'replication_status',
  ])
  .concat(['consistencygroup_id', 'multiattach', 'attachments']);
/** What an answer shows of a snapshot. */
export const SNAPSHOT_KEYS = [
  'id',
  'created_at',
  'updated_at',
  'name',
  'description',
  'volume_id',
  'status',
  'size',
  'metadata',
];
/** What a snapshot read in detail shows besides. */
export const EXTENDED_KEYS = ['os-extended-snapshot-attributes:project_id', 'os-extended-snapshot-attributes:progress'];

/** One row of an answer; the expectations on its fields are the check. */
export interface Row {
  readonly id: string;
  readonly name: string | null;
  readonly status: string;
  readonly created_at: string;
  readonly metadata: Readonly<Record<string, string>>;
  readonly attachments?: readonly object[];
  readonly volume_type?: unknown;
  readonly availability_zone?: string;
}

/** How a call differs from one of alice's to kr1. */
export interface Sent {
  readonly region?: string;
  readonly user?: PeerUser;
  readonly headers?: Readonly<Record<string, string>>;
}

let peer: Peer;
let scratch: Scratch;

/** What the placeholders of the tables stand for. */
export const known: Record<string, string> = {
  run: RUN,
  unknown: '00000000-0000-4000-8000-000000000000',
  long: 'n'.repeat(256),
  conflict: CONFLICT,
};

/** Opens the peer for one file of tests. */
export async function openContract(): Promise<{ peer: Peer; scratch: Scratch }> {
  peer = await openPeer();
  scratch = openScratch(peer);
  known.tenant = peer.alice.tenant;
  for (const type of rows(await call('GET', 'types'))) known[`type of ${type.name}`] = type.id;
  return { peer, scratch };
}

/** Takes away what was made, and frees first what was attached. */
export async function closeContract(): Promise<void> {
  if (known.attached) await call('POST', `volumes/${known.attached}/action`, { 'os-detach': {} });
  await scratch[Symbol.asyncDispose]();
  await peer[Symbol.asyncDispose]();
}

/** Makes `v1` to `v5`: by name and size e 1, a 2, c 2, b 3, and one of 1 without a name. */
export async function makeVolumes(): Promise<void> {
  for (const [index, size] of [1, 2, 2, 3, 1].entries()) {
    const name = ['e', 'a', 'c', 'b'][index];
    const fields = { size, metadata: { run: RUN }, ...(name ? { name: `${RUN}-${name}` } : {}) };
    known[`v${index + 1}`] = await scratch.create('volume', fields);
  }
}

/** Makes `attached`, a volume in use. */
export async function makeAttached(): Promise<void> {
  known.attached = await scratch.create('volume', { size: 1, metadata: { k: 'v' } });
  await peer.attach('kr1', known.attached);
}

/** A call of alice's to kr1, if nothing else is said. */
export function call(method: string, path: string, body?: unknown, sent: Sent = {}): Promise<PeerAnswer> {
  return callPeer(peer.region(sent.region ?? 'kr1'), sent.user ?? peer.alice, method, path, body, sent.headers);
}

/** A call as the tables write it: method, path, and the body if there is one. */
export function callLine(line: string): Promise<PeerAnswer> {
  const [, method = '', path = '', body] = /^(\S+) (\S+(?: SSD)?)(?: (.+))?$/.exec(filled(line)) ?? [];
  return call(method, path, body);
}

/** A text with its placeholders filled in. */
export function filled(text = ''): string {
  return text.replace(/\{([\w -]+)\}/g, (whole, name) => known[name] ?? whole);
}

/** The rows of a list, or the one row of any other answer. */
export function rows(answer: PeerAnswer): Row[] {
  // The expectations on the fields are the check; a wrong shape shows there.
  return [Object.values(answer.json)[0]].flat() as Row[];
}

/** Where a page says that its list goes on. */
export function nextLink(answer: PeerAnswer): string | undefined {
  const links = Object.entries(answer.json).find(([key]) => key.endsWith('_links'))?.[1];
  return (links as { href: string }[] | undefined)?.[0]?.href;
}

/** Waits until a row has a status. */
export async function becomes(path: string, status: string, region = 'kr1'): Promise<void> {
  const read = async () => rows(await call('GET', path, undefined, { region }))[0]?.status;
  await expect.poll(read, PATIENCE).toBe(status);
}

/** Expects a fault in JSON; a message that ends in an ellipsis may go on. */
export async function expectRefusal(answer: PeerAnswer, outcome: string, message: string): Promise<void> {
  const [status, fault = ''] = outcome.split(' ');
  const expected = filled(message);
  const told = expected.endsWith('…') ? expect.stringContaining(expected.slice(0, -1)) : expected;
  expect(answer.json).toEqual({ [fault]: { code: Number(status), message: told } });
  expect([answer.status, answer.type]).toEqual([Number(status), 'application/json']);
}
