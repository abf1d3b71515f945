import pLimit from 'p-limit';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { type GatewayUnderTest, startGateway } from '../support/stack.ts';
import { callPeer, openPeer, PATIENCE, type Peer, type PeerRegion } from './peer.ts';

/*
 * Three regions as one list, over the peer: the simulator, or a real Cinder. 300 volumes and 30 snapshots a region, full
 * of ties, made for this file and told by their description, so that other rows of the tenant do not matter. What the
 * gateway gives is held against what each region says itself when asked directly.
 */

const MARK = 'made for merge.test.ts';
const PREFIX = 'merge-';
const VOLUMES = 300;
const SNAPSHOTS = 30;
const NAMES = ['b', 'a', 'A', 'B', null, '10', '9', '가', '볼륨', 'b', '💾', 'z Z', '_', 'é', null, '한글', '0'];

/** The fields to order by, and what each is upstream. */
const VOLUME_KEYS = {
  NAME: 'name',
  CREATED_AT: 'created_at',
  SIZE: 'size',
  STATUS: 'status',
  AVAILABILITY_ZONE: 'availability_zone',
} as const;
const DIRECTIONS = ['ASC', 'DESC'] as const;
/** Below and above jp1's own maximum of 10, and above what a region has. */
const PAGES = { ASC: [7, 333], DESC: [19, 50] } as const;

interface Row {
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

interface Own extends Row {
  readonly region: PeerRegion;
}

type Noun = 'volumes' | 'snapshots';
type VolumeField = keyof typeof VOLUME_KEYS;
type Direction = (typeof DIRECTIONS)[number];

// A real Cinder takes 20 to 200 ms a call, and these are some 10,000.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 400_000 });

let peer: Peer;
let gateway: GatewayUnderTest;
/** The rows made here that exist, by their ids, as the regions themselves show them. */
const own = { volumes: new Map<string, Own>(), snapshots: new Map<string, Own>() };

beforeAll(async () => {
  peer = await openPeer();
  gateway = await startGateway(
    Object.fromEntries(peer.regions.map(({ code, endpoint }) => [code, endpoint])),
    { UPSTREAM_TIMEOUT_MS: '20000', REQUEST_TIMEOUT_MS: '60000' },
    [peer.bob.token],
  );
  await Promise.all(peer.regions.map(fill));
});

afterAll(async () => {
  await Promise.all(peer.regions.map(clear));
  await gateway[Symbol.asyncDispose]();
  await peer[Symbol.asyncDispose]();
});

const FIELDS = ['NAME', 'CREATED_AT', 'SIZE', 'STATUS'] as const;
const ordersOf = (fields: readonly VolumeField[]) =>
  fields.flatMap((field) => DIRECTIONS.map((direction) => [field, direction] as const));

describe('walks', () => {
  test.each(ordersOf([...FIELDS, 'AVAILABILITY_ZONE']))(
    'over volumes by %s %s meet each once in the regions’ own orders, which are total',
    async (field, direction) => {
      const [walks, orders, short] = await Promise.all([
        Promise.all(PAGES[direction].map((first) => walk('volumes', { first, orderBy: [{ field, direction }] }))),
        Promise.all(peer.regions.map((region) => ownOrder(region, 'volumes', field, direction))),
        Promise.all(peer.regions.map((region) => ownOrder(region, 'volumes', field, direction, 9))),
      ]);
      expect(short).toEqual(orders);
      for (const walked of walks) expectMerged('volumes', walked, orders, field, direction);
    },
  );

  test.each(ordersOf(FIELDS))(
    'over snapshots by %s %s meet each once in the regions’ own orders, which are total',
    async (field, direction) => {
      const [walks, orders, short] = await Promise.all([
        Promise.all([4, 50].map((first) => walk('snapshots', { first, orderBy: [{ field, direction }] }))),
        Promise.all(peer.regions.map((region) => ownOrder(region, 'snapshots', field, direction))),
        Promise.all(peer.regions.map((region) => ownOrder(region, 'snapshots', field, direction, 9))),
      ]);
      expect(short).toEqual(orders);
      for (const walked of walks) expectMerged('snapshots', walked, orders, field, direction);
    },
  );

  test('over the short lists by name meet each volume once in the regions’ own orders', async () => {
    const orderBy = [{ field: 'NAME', direction: 'ASC' }];
    const walked = await walk('volumes', { first: 50, orderBy, selection: 'uuid' });
    const orders = await Promise.all(peer.regions.map((region) => ownOrder(region, 'volumes', 'NAME', 'ASC')));
    expectMerged('volumes', walked, orders, 'NAME', 'ASC');
  });

  test('by several fields compare rows by one after the other', async () => {
    const orderBy = [
      { field: 'SIZE', direction: 'DESC' },
      { field: 'STATUS', direction: 'ASC' },
      { field: 'CREATED_AT', direction: 'ASC' },
    ];
    const walked = (await walk('volumes', { first: 100, orderBy })).filter((id) => own.volumes.has(id));
    const keys = walked.map((id) => {
      const { size, status, created_at, region } = known('volumes', id);
      return `${9 - size} ${status} ${created_at} ${peer.regions.indexOf(region)}`;
    });
    expect(walked.toSorted()).toEqual([...own.volumes.keys()].toSorted());
    expect(keys).toEqual(keys.toSorted());
  });
});

describe('filters', () => {
  // Of the region with whole seconds, so that some rows are of just that time.
  const middle = () => {
    const times = [...own.volumes.values()].filter(({ region }) => region.mariadb).map(({ created_at }) => created_at);
    return times.toSorted()[times.length / 2] ?? '';
  };
  const millisecond = () => middle().slice(0, 23);

  test.each<[string, () => object, (row: Own) => boolean]>([
    ['a part of the name', () => ({}), () => true],
    ['a status', () => ({ status: ['ERROR', 'IN_USE'] }), ({ status }) => status !== 'available'],
    ['sizes', () => ({ sizeMin: 2, sizeMax: 3 }), ({ size }) => size === 2 || size === 3],
    ['attached', () => ({ attached: true }), ({ attachments }) => attachments.length > 0],
    [
      'not attached, large',
      () => ({ attached: false, sizeMin: 5 }),
      (row) => row.size === 5 && !row.attachments.length,
    ],
    ['a type', () => ({ volumeType: ['General SSD', 'No Such'] }), ({ volume_type }) => volume_type === 'General SSD'],
    ['a zone', () => ({ availabilityZone: ['nowhere'] }), () => false],
    ['a time', () => ({ createdAfter: `${millisecond()}Z` }), (row) => row.created_at >= millisecond()],
    ['another time', () => ({ createdBefore: `${millisecond()}Z` }), (row) => row.created_at < millisecond()],
    ['identifiers', () => ({ uuids: some(40) }), ({ id }) => some(40).includes(id)],
    ['few identifiers', () => ({ uuids: some(4) }), ({ id }) => some(4).includes(id)],
  ])(
    'a walk filtered by %s meets just the matching volumes, and totalCount is their number',
    async (_, more, matches) => {
      // In another case than the names; a name that is null does not match.
      const filter = { nameContains: PREFIX.toUpperCase(), ...more() };
      const expected = [...own.volumes.values()].filter((row) => row.name !== null && matches(row)).map(({ id }) => id);
      const [walked, counted] = await Promise.all([
        walk('volumes', { first: 120, filter }),
        ask('query($filter: VolumeFilter) { volumes(first: 1, filter: $filter) { totalCount nodes { uuid } } }', {
          filter,
        }),
      ]);
      expect(walked.toSorted()).toEqual(expected.toSorted());
      expect(counted.volumes.totalCount).toBe(expected.length);
      expect(counted.volumes.nodes.map(({ uuid }: Node) => uuid)).toEqual(walked.slice(0, 1));
    },
  );

  test('snapshots of one volume are found in its region alone', async () => {
    for (const [id, { region }] of own.volumes) {
      const expected = [...own.snapshots.values()].filter((row) => row.volume_id === id).map((row) => row.id);
      if (expected.length === 0) continue;
      const { volume } = await ask(`{ volume(id: "${id}", region: ${region.code.toUpperCase()}) { id } }`);
      const walked = await walk('snapshots', { first: 4, filter: { volumeId: volume.id } });
      expect(walked.toSorted()).toEqual(expected.toSorted());
    }
  });
});

test('nodes gives 40 ids of three regions in the order asked for', async () => {
  const wanted = some(40);
  const { volumes } = await ask(
    'query($uuids: [UUID!]) { volumes(first: 40, filter: { uuids: $uuids }) { nodes { id uuid } } }',
    { uuids: wanted },
  );
  const ids = new Map(volumes.nodes.map(({ id, uuid }: Node & { id: string }) => [uuid, id]));
  const { nodes } = await ask('query($ids: [ID!]!) { nodes(ids: $ids) { ... on Volume { uuid size } } }', {
    ids: wanted.map((uuid) => ids.get(uuid)),
  });
  expect(new Set(wanted.map((uuid) => known('volumes', uuid).region)).size).toBe(3);
  expect(nodes).toEqual(wanted.map((uuid) => ({ uuid, size: known('volumes', uuid).size })));
});

test('a summary is the sum of what the regions list', async () => {
  // Others may make or delete rows of the tenant meanwhile.
  await vi.waitFor(
    async () => {
      const before = await summarize();
      const totals = 'count sizeGb';
      const { storageSummary } = await ask(`{ storageSummary {
        total { ${totals} } attached { ${totals} } unattached { ${totals} } snapshots { ${totals} }
        byRegion { region { code } ${totals} } byStatus { status ${totals} }
        byVolumeType { name ${totals} } byAvailabilityZone { name ${totals} }
        failures { code }
      } }`);
      expect(storageSummary).toEqual(before);
    },
    { timeout: 60_000, interval: 100 },
  );
});

describe('rows deleted between pages', () => {
  test('leave every other row to be met exactly once', async () => {
    const ofRegion = (rows: readonly string[], code: string) =>
      rows.filter((id) => own.volumes.get(id)?.region.code === code);
    const orderBy = [{ field: 'SIZE' }, { field: 'CREATED_AT' }];
    const order = await walk('volumes', { first: 1000, orderBy });
    let pages = 0;
    let deleted = 0;
    const walked = await walk('volumes', { first: 60, orderBy }, async (page) => {
      pages += 1;
      const doomed = peer.regions.flatMap(({ code }) => {
        const read = ofRegion(page, code);
        const following = ofRegion(order.slice(order.indexOf(page.at(-1) ?? '') + 1), code).slice(0, 2);
        // Once more of them than a cursor remembers: whatever of the region was on the page.
        return [...(pages === 4 ? read : read.slice(-2)), ...following.slice(pages % 2, 2)];
      });
      deleted += await remove(doomed);
    });
    expect(deleted).toBeGreaterThan(100);
    expect(new Set(walked).size).toBe(walked.length);
    expect(walked.filter((id) => own.volumes.has(id)).toSorted()).toEqual([...own.volumes.keys()].toSorted());
  });

  test('leave every other row to be met by name, though regions collate differently', async () => {
    const orderBy = [{ field: 'NAME', direction: 'DESC' }];
    let pages = 0;
    const walked = await walk('volumes', { first: 90, orderBy }, async (page) => {
      pages += 1;
      await remove(pages === 3 ? page : page.slice(-5));
    });
    // Without a remembered row only the keys tell where to go on, and of texts they do not: at least once.
    expect(new Set(walked.filter((id) => own.volumes.has(id))).size).toBe(own.volumes.size);
    expect(pages).toBeGreaterThan(5);
  });
});

interface Node {
  readonly uuid: string;
}

// biome-ignore lint/suspicious/noExplicitAny: a test says by its assertions what it expects of an answer
function ask(query: string, variables: Record<string, unknown> = {}): Promise<any> {
  const headers = { 'x-auth-token': peer.bob.token, 'x-tenant-id': peer.bob.tenant };
  return gateway.data(query, { headers, variables });
}

interface Asked {
  readonly first: number;
  readonly orderBy?: readonly object[];
  readonly filter?: object;
  readonly selection?: string;
}

/** Walks the list of all three regions to its end. `between` may change the world between two pages. */
async function walk(
  noun: Noun,
  { selection = 'uuid status', ...variables }: Asked,
  between: (page: readonly string[]) => Promise<void> = async () => {},
): Promise<string[]> {
  const type = noun === 'volumes' ? 'Volume' : 'Snapshot';
  const query = `query($first: Int, $after: String, $orderBy: [${type}Order!], $filter: ${type}Filter) {
    list: ${noun}(regions: [JP1, KR1, KR2], first: $first, after: $after, orderBy: $orderBy, filter: $filter) {
      nodes { ${selection} } pageInfo { hasNextPage endCursor } failures { code message }
    }
  }`;
  const seen: string[] = [];
  for (let after: string | null = null, hasNextPage = true; hasNextPage; ) {
    const { list } = await ask(query, { ...variables, after });
    expect(list.failures).toEqual([]);
    expect(list.nodes.length).toBeLessThanOrEqual(variables.first);
    const page = list.nodes.map(({ uuid }: Node) => uuid);
    seen.push(...page);
    ({ endCursor: after, hasNextPage } = list.pageInfo);
    if (hasNextPage) await between(page);
  }
  return seen;
}

/** Every own row once, those of each region in the region's own order, and those of different regions as they compare. */
function expectMerged(
  noun: Noun,
  walked: readonly string[],
  orders: readonly (readonly string[])[],
  field: VolumeField,
  direction: Direction,
): void {
  const met = walked.filter((id) => own[noun].has(id));
  expect(met.toSorted()).toEqual([...own[noun].keys()].toSorted());
  const inRegion = (region: PeerRegion) => met.filter((id) => known(noun, id).region === region);
  expect(peer.regions.map(inRegion)).toEqual(orders);
  const sortable = (row: Own) =>
    (row[VOLUME_KEYS[field]] ?? '').toString().padEnd(field === 'CREATED_AT' ? 26 : 0, '0');
  const place = ({ region }: Own) => peer.regions.indexOf(region);
  const rows = met.map((id) => known(noun, id));
  // Where two regions collate names differently each region's own order stands, whatever that makes of their rows.
  const comparable = rows.filter(({ region }) => field !== 'NAME' || !region.mariadb);
  const ascending = (a: Own, b: Own) => Number(sortable(a) > sortable(b)) - Number(sortable(a) < sortable(b));
  const merged = comparable.toSorted(
    (a, b) => (direction === 'ASC' ? ascending(a, b) : ascending(b, a)) || place(a) - place(b),
  );
  const told = (row: Own) => `${row[VOLUME_KEYS[field]]} ${row.region.code}`;
  expect(comparable.map(told)).toEqual(merged.map(told));
  const nulls = rows.map((row) => row[VOLUME_KEYS[field]] === null);
  if (direction === 'DESC') nulls.reverse();
  expect(nulls.lastIndexOf(true)).toBe(nulls.filter(Boolean).length - 1);
}

function known(noun: Noun, id: string): Own {
  const row = own[noun].get(id);
  if (!row) throw new Error(`${id} is none of the ${noun} made here`);
  return row;
}

/** So many of the own volumes, of all regions. */
function some(count: number): string[] {
  const ids = [...own.volumes.keys()];
  return Array.from({ length: count }, (_, index) => ids[Math.floor((index * ids.length) / count)] ?? '');
}

const isMade = ({ description }: Row) => description?.startsWith(MARK) === true;

/** The own rows in the order that the region itself gives them. */
async function ownOrder(region: PeerRegion, noun: Noun, field: VolumeField, direction: Direction, limit = 1000) {
  const named = noun === 'volumes' ? VOLUME_KEYS : { ...VOLUME_KEYS, NAME: 'display_name', SIZE: 'volume_size' };
  const dir = direction.toLowerCase();
  const rows = await readAll(region, noun, `sort=${named[field]}:${dir},id:${dir}&limit=${limit}`);
  return rows.filter(isMade).map(({ id }) => id);
}

async function readAll(region: PeerRegion, noun: Noun, query = ''): Promise<Row[]> {
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
async function remove(ids: readonly string[]): Promise<number> {
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

/** A summary as the gateway should give it, of every volume and snapshot that the regions list. */
async function summarize() {
  const listed = await Promise.all(peer.regions.map((region) => readAll(region, 'volumes')));
  const snapshots = (await Promise.all(peer.regions.map((region) => readAll(region, 'snapshots')))).flat();
  const volumes = listed.flat();
  const totals = (rows: readonly Row[]) => ({
    count: rows.length,
    sizeGb: rows.reduce((sum, { size }) => sum + size, 0),
  });
  const grouped = (key: (row: Row) => string) =>
    [...Map.groupBy(volumes, key)]
      .toSorted(([a], [b]) => (a < b ? -1 : 1))
      .map(([name, rows]) => ({ name, ...totals(rows) }));
  return {
    total: totals(volumes),
    attached: totals(volumes.filter(({ attachments }) => attachments.length > 0)),
    unattached: totals(volumes.filter(({ attachments }) => attachments.length === 0)),
    snapshots: totals(snapshots),
    byRegion: listed.map((rows, index) => ({
      region: { code: peer.regions[index]?.code.toUpperCase() },
      ...totals(rows),
    })),
    byStatus: grouped(({ status }) => status.toUpperCase().replaceAll('-', '_')).map(({ name, ...sum }) => ({
      status: name,
      ...sum,
    })),
    byVolumeType: grouped(({ volume_type }) => volume_type),
    byAvailabilityZone: grouped(({ availability_zone }) => availability_zone),
    failures: [],
  };
}
