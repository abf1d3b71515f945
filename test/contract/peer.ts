import { readFile } from 'node:fs/promises';
import { vi } from 'vitest';
import { startSimulator } from '../../src/simulator/server.ts';

/** A region of the service that the contract is held against. */
export interface PeerRegion {
  readonly code: string;
  /** Base endpoint without a path. */
  readonly endpoint: string;
  /** The longest page. */
  readonly maxLimit: number;
  /** Times in whole seconds, names compared without case. */
  readonly mariadb: boolean;
  /** Uploads with `visibility` and `protected` are refused, members see no `extra_specs`. */
  readonly stock: boolean;
}

/** A member of one tenant. */
export interface PeerUser {
  readonly token: string;
  readonly tenant: string;
}

/** The service: the simulator, or a real Cinder with the same three regions when the variable PEER says `cinder`. */
export interface Peer extends AsyncDisposable {
  readonly kind: 'simulator' | 'cinder';
  /** kr1 as in the guide, kr2 over MariaDB, jp1 stock with pages of 10. */
  readonly regions: readonly PeerRegion[];
  readonly alice: PeerUser;
  readonly bob: PeerUser;
  /** Has quotas of 2 volumes, 1 snapshot and 10 GB. */
  readonly tiny: PeerUser;
  region(code: string): PeerRegion;
  /** Attaches a volume, of alice's if nobody else is named, to a server that does not exist. */
  attach(region: string, volumeId: string, user?: PeerUser): Promise<void>;
}

/** One answer of the service, read to the end. */
export interface PeerAnswer {
  readonly status: number;
  /** The media type without parameters. */
  readonly type: string;
  readonly headers: Headers;
  readonly text: string;
  /** The parsed body; empty when it is no JSON. */
  readonly json: Readonly<Record<string, unknown>>;
}

/** One raw call; `path` is below the tenant's, or whole when it begins with a slash. A text is sent as it is. */
export async function callPeer(
  region: PeerRegion,
  { token, tenant }: PeerUser,
  method: string,
  path: string,
  body?: unknown,
  headers: Readonly<Record<string, string>> = {},
): Promise<PeerAnswer> {
  const response = await fetch(`${region.endpoint}${path.startsWith('/') ? path : `/v2/${tenant}/${path}`}`, {
    method,
    headers: {
      'X-Auth-Token': token,
      ...(body === undefined ? {} : { 'Content-Type': 'application/json' }),
      ...headers,
    },
    ...(body === undefined ? {} : { body: typeof body === 'string' ? body : JSON.stringify(body) }),
  });
  const text = await response.text();
  const type = response.headers.get('Content-Type')?.split(';')[0] ?? '';
  const json = type === 'application/json' && text !== '' ? JSON.parse(text) : {};
  return { status: response.status, type, headers: response.headers, text, json };
}

export async function openPeer(): Promise<Peer> {
  return process.env.PEER === 'cinder' ? openCinder() : openSimulator();
}

const TRAITS = [
  { code: 'kr1', maxLimit: 1000, mariadb: false, stock: false },
  { code: 'kr2', maxLimit: 1000, mariadb: true, stock: false },
  { code: 'jp1', maxLimit: 10, mariadb: false, stock: true },
] as const;

async function openSimulator(): Promise<Peer> {
  const alice = { token: 'token-of-alice', tenant: 'a11ce000000000000000000000000000' };
  const bob = { token: 'token-of-bob', tenant: 'b0b00000000000000000000000000000' };
  const tiny = { token: 'token-of-tiny', tenant: '71111000000000000000000000000000' };
  const simulator = await startSimulator({
    regions: TRAITS.map((traits) => ({ ...traits, extraSpecs: !traits.stock })),
    tokens: Object.fromEntries([alice, bob, tiny].map(({ token, tenant }) => [token, tenant])),
    quotas: { [tiny.tenant]: { volumes: 2, snapshots: 1, gigabytes: 10 } },
    // Long enough for a read to see the status before the change.
    changeAfterMs: 50,
  });
  return peerOf('simulator', simulator.endpoints, { alice, bob, tiny }, () => simulator[Symbol.asyncDispose]());
}

/** Rows made on the peer, to be taken away again. */
export interface Scratch extends AsyncDisposable {
  /** Makes a volume or snapshot, waits until it is no longer being created, and gives its id. */
  create(noun: 'volume' | 'snapshot', fields: object, region?: string, user?: PeerUser): Promise<string>;
  /** Has what another call made taken away at the end, too; `path` is such as `volumes/{id}`. */
  adopt(path: string, region?: string, user?: PeerUser): void;
  /** Deletes one row and waits until it is gone. */
  remove(path: string, region?: string, user?: PeerUser): Promise<void>;
}

/** Polls without pause worth the name, and gives a real backend its time. */
export const PATIENCE = { timeout: 20_000, interval: 40 };

const UNSETTLED = ['creating', 'deleting', 'uploading'];

export function openScratch(peer: Peer): Scratch {
  const made: (readonly [path: string, region: string, user: PeerUser])[] = [];
  const scratch: Scratch = {
    async create(noun, fields, region = 'kr1', user = peer.alice) {
      const answer = await callPeer(peer.region(region), user, 'POST', `${noun}s`, { [noun]: fields });
      // The shape is the subject of the tests themselves; here an id suffices.
      const id = (answer.json[noun] as { id: string } | undefined)?.id;
      if (answer.status !== 202 || !id) throw new Error(`POST ${noun}s: ${answer.status} ${answer.text}`);
      scratch.adopt(`${noun}s/${id}`, region, user);
      await settled(peer.region(region), user, `${noun}s/${id}`);
      return id;
    },
    adopt(path, region = 'kr1', user = peer.alice) {
      made.push([path, region, user]);
    },
    async remove(path, code = 'kr1', user = peer.alice) {
      const region = peer.region(code);
      await settled(region, user, path);
      await callPeer(region, user, 'DELETE', path);
      await vi.waitUntil(async () => (await callPeer(region, user, 'GET', path)).status === 404, PATIENCE);
    },
    async [Symbol.asyncDispose]() {
      // Snapshots first: a volume that has one stays.
      for (const noun of ['snapshots', 'volumes']) {
        const mine = made.filter(([path]) => path.startsWith(noun));
        await Promise.all(mine.map((row) => scratch.remove(...row)));
      }
    },
  };
  return scratch;
}

async function settled(region: PeerRegion, user: PeerUser, path: string): Promise<void> {
  const unsettled = new RegExp(`"status": ?"(${UNSETTLED.join('|')})"`);
  await vi.waitUntil(async () => !unsettled.test((await callPeer(region, user, 'GET', path)).text), PATIENCE);
}

/** The server that volumes are attached to; nobody asks whether there is one. */
const SERVER = '11111111-2222-4333-8444-555555555555';

/** The part of the real peer's own description that is needed here. */
interface CinderDescription {
  keystone: string;
  regions: Record<string, { auth: string }>;
  users: Record<string, { token: string; tenantId: string; password: string; project: string }>;
}

/** Where the real peer keeps its state. */
export const cinderFolder = process.env.CINDER_PEER_DIR ?? '/tmp/cinder-peer';

const descriptionFile = `${cinderFolder}/peers.json`;

export async function readDescription(): Promise<CinderDescription> {
  // Written by the scripts that start the real peer; a field that is missing fails the first call that needs it.
  return JSON.parse(await readFile(descriptionFile, 'utf8')) as CinderDescription;
}

async function openCinder(): Promise<Peer> {
  const description = await readDescription();
  const endpoints = Object.fromEntries(Object.entries(description.regions).map(([code, { auth }]) => [code, auth]));
  const user = (name: string): PeerUser => {
    const found = description.users[name];
    if (!found) throw new Error(`${descriptionFile} has no user ${name}`);
    return { token: found.token, tenant: found.tenantId };
  };
  return peerOf('cinder', endpoints, { alice: user('alice'), bob: user('bob'), tiny: user('tiny') }, async () => {});
}

function peerOf(
  kind: Peer['kind'],
  endpoints: Readonly<Record<string, string>>,
  users: Pick<Peer, 'alice' | 'bob' | 'tiny'>,
  dispose: () => PromiseLike<void>,
): Peer {
  const regions = TRAITS.map((traits) => ({ ...traits, endpoint: endpoints[traits.code] ?? '' }));
  const region = (code: string): PeerRegion => {
    const found = regions.find((candidate) => candidate.code === code);
    if (!found) throw new Error(`The peer has no region ${code}`);
    return found;
  };
  return {
    kind,
    regions,
    ...users,
    region,
    async attach(code, volumeId, user = users.alice) {
      const action = { 'os-attach': { instance_uuid: SERVER, mountpoint: '/dev/vdb', mode: 'rw' } };
      const answer = await callPeer(region(code), user, 'POST', `volumes/${volumeId}/action`, action);
      if (answer.status !== 202) throw new Error(`os-attach of ${volumeId}: ${answer.status} ${answer.text}`);
    },
    [Symbol.asyncDispose]: dispose,
  };
}
