import pLimit from 'p-limit';
import { expect, vi } from 'vitest';
import type { GatewayUnderTest } from '../support/stack.ts';
import { startGatewayOver } from './gateway.ts';
import { callPeer, openPeer, PATIENCE, type Peer, type PeerRegion } from './peer.ts';

/*
 * 300 volumes and 30 snapshots a region, full of ties, made for merge.test.ts and told by their description, so that
 * other rows of the tenant do not matter.
 */

const MARK = 'made for merge.test.ts';
export const PREFIX = 'merge-';
const VOLUMES = 300;
const SNAPSHOTS = 30;
const NAMES = ['b', 'a', 'A', 'B', null, '10', '9', '가', '볼륨', 'b', '💾', 'z Z', '_', 'é', null, '한글', '0'];

/** The fields to order by, and what each is upstream. */
export const VOLUME_KEYS = {
  NAME: 'name',
  CREATED_AT: 'created_at',
  SIZE: 'size',
  STATUS: 'status',
  AVAILABILITY_ZONE: 'availability_zone',
} as const;
export const DIRECTIONS = ['ASC', 'DESC'] as const;
/** Below and above jp1's own maximum of 10, and above what a region has. */
export const PAGES = { ASC: [7, 333], DESC: [19, 50] } as const;

export interface Row {
  readonly id: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly status: string;
  readonly size: number;
  readonly created_at: string;
  readonly volume_type: string;
  readonly availability_zone: string;
  readonly attachments: readonly object[];
  readonly volume_id: string;
}

export interface Own extends Row {
  readonly region: PeerRegion;
}

export type Noun = 'volumes' | 'snapshots';
export type VolumeField = keyof typeof VOLUME_KEYS;
export type Direction = (typeof DIRECTIONS)[number];

export let peer: Peer;
export let gateway: GatewayUnderTest;
/** The rows made here that exist, by their ids, as the regions themselves show them. */
export const own = { volumes: new Map<string, Own>(), snapshots: new Map<string, Own>() };

/** Opens the peer, starts a gateway over it and makes the rows. */
export async function startRegions() {
  peer = await openPeer();
  gateway = await startGatewayOver(peer, [peer.bob.token]);
  await Promise.all(peer.regions.map(fill));
}

/** Takes the rows away and ends both. */
export async function stopRegions() {
  await Promise.all(peer.regions.map(clear));
  await gateway[Symbol.asyncDispose]();
  await peer[Symbol.asyncDispose]();
}

export function known(noun: Noun, id: string): Own {
  const row = own[noun].get(id);
  if (!row) throw new Error(`${id} is none of the ${noun} made here`);
  return row;
}

/** So many of the own volumes, of all regions. */
export function some(count: number): string[] {
  const ids = [...own.volumes.keys()];
  return Array.from({ length: count }, (_, index) => ids[Math.floor((index * ids.length) / count)] ?? '');
}

const isMade = ({ description }: Row) => description?.startsWith(MARK) === true;

/** The own rows in the order that the region itself gives them. */
export async function ownOrder(region: PeerRegion, noun: Noun, field: VolumeField, direction: Direction, limit = 1000) {
  const named = noun === 'volumes' ? VOLUME_KEYS : { ...VOLUME_KEYS, NAME: 'display_name', SIZE: 'volume_size' };
  const dir = direction.toLowerCase();
  const rows = await readAll(region, noun, `sort=${named[field]}:${dir},id:${dir}&limit=${limit}`);
  return rows.filter(isMade).map(({ id }) => id);
}

export async function readAll(region: PeerRegion, noun: Noun, query = ''): Promise<Row[]> {
  const read: Row[] = [];
  for (let isLast = false; !isLast; ) {
    const marker = read.length === 0 ? '' : `&marker=${read.at(-1)?.id}`;
    const { json } = await call(region, 200, 'GET', `${noun}/detail?${query}${marker}`);
    // The expectations are the check; a wrong shape shows there.
    read.push(...((json[noun] ?? []) as Row[]));
    isLast = !(`${noun}_links` in json);
  }
  return read;
}

async function call(region: PeerRegion, status: number, method: string, path: string, body?: object) {
  const answer = await callPeer(region, peer.bob, method, path, body);
  if (answer.status !== status) throw new Error(`${method} ${path}: ${answer.status} ${answer.text}`);
  return answer;
}

/** Waits until every row made here is ready or gone, and gives those that there are. */
async function settled(region: PeerRegion, noun: Noun): Promise<Row[]> {
  return vi.waitFor(
    async () => {
      const made = (await readAll(region, noun)).filter(isMade);
      expect(made.filter(({ status }) => status.endsWith('ing'))).toEqual([]);
      return made;
    },
    { timeout: 120_000, interval: 100 },
  );
}

/** Makes what is missing; a run that was broken off may have left rows. */
async function fill(region: PeerRegion): Promise<void> {
  const together = pLimit(8);
  const make = async (noun: Noun, count: number, fields: (index: number) => object) => {
    const there = new Set((await settled(region, noun)).map(({ description }) => description));
    const missing = Array.from({ length: count }, (_, index) => index).filter(
      (index) => !there.has(`${MARK} ${index}`),
    );
    await together.map(missing, async (index) => {
      const row = { ...fields(index), description: `${MARK} ${index}` };
      await call(region, 202, 'POST', noun, { [noun.slice(0, -1)]: row });
    });
    return settled(region, noun);
  };
  const nameOf = (index: number, isUnique: boolean) => {
    const name = NAMES[index % NAMES.length] ?? null;
    // Over MariaDB four bytes are too many for a character (FACTS 30).
    const written = region.mariadb && name === '💾' ? '★' : name;
    return written === null ? {} : { name: `${PREFIX}${written}${isUnique ? index : ''}` };
  };
  const volumes = await make('volumes', VOLUMES, (index) => ({
    size: 1 + (index % 5),
    volume_type: index % 3 === 0 ? 'General SSD' : 'General HDD',
    ...(index % 50 === 7 ? { name: `fail-create-${PREFIX}${index}` } : nameOf(index, index % 2 === 0)),
  }));
  const indexed = (index: number) => volumes.find(({ description }) => description === `${MARK} ${index}`);
  const free = [...Array(VOLUMES / 30).keys()]
    .map((index) => indexed(index * 30))
    .filter((row) => row?.status === 'available');
  await together.map(free, (row) => peer.attach(region.code, row?.id ?? '', peer.bob));
  await make('snapshots', SNAPSHOTS, (index) => ({
    volume_id: indexed(1 + (index % 3))?.id,
    ...nameOf(index, index % 5 === 0),
  }));
  for (const noun of ['volumes', 'snapshots'] as const) {
    for (const row of await settled(region, noun)) own[noun].set(row.id, { ...row, region });
  }
}

async function clear(region: PeerRegion): Promise<void> {
  const together = pLimit(8);
  for (const noun of ['snapshots', 'volumes'] as const) {
    const made = await settled(region, noun);
    await together.map(made, async ({ id, attachments }) => {
      if (attachments?.length) await call(region, 202, 'POST', `volumes/${id}/action`, { 'os-detach': {} });
      await call(region, 202, 'DELETE', `${noun}/${id}`);
    });
    expect(await settled(region, noun)).toEqual([]);
  }
}

/** Deletes volumes made here that nothing holds, waits until they are gone, and says how many they were. */
export async function remove(ids: readonly string[]): Promise<number> {
  const held = new Set([...own.snapshots.values()].map(({ volume_id }) => volume_id));
  const doomed = ids
    .map((id) => own.volumes.get(id))
    .filter((row) => row && !row.attachments.length && !held.has(row.id));
  const rows = doomed.filter((row) => row !== undefined);
  await Promise.all(rows.map(({ region, id }) => call(region, 202, 'DELETE', `volumes/${id}`)));
  for (const { region, id } of rows) {
    await vi.waitUntil(async () => (await callPeer(region, peer.bob, 'GET', `volumes/${id}`)).status === 404, PATIENCE);
    own.volumes.delete(id);
  }
  return rows.length;
}
