import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import {
  DIRECTIONS,
  known,
  type Own,
  own,
  ownOrder,
  PAGES,
  PREFIX,
  peer,
  remove,
  some,
  startRegions,
  stopRegions,
  type VolumeField,
} from './merge-rows.ts';
import { ask, expectMerged, type Node, summarize, walk } from './merge-walk.ts';

/*
 * Three regions as one list, over the peer: the simulator, or a real Cinder. What the gateway gives is held against what
 * each region says itself when asked directly.
 */

// A real Cinder takes 20 to 200 ms a call, and these are some 10,000.
vi.setConfig({ testTimeout: 120_000, hookTimeout: 400_000 });

beforeAll(startRegions);
afterAll(stopRegions);

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
