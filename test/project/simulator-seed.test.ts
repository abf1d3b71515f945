import { describe, expect, test } from 'vitest';
import { DEMO_REGIONS, DEMO_TOKENS } from '../../src/simulator/demo.ts';
import { startSimulator } from '../../src/simulator/server.ts';
import { alice, bob } from '../support/stack.ts';

/* The rows of the simulator with which the demo begins. */

const VOLUME_STATUSES =
  `creating available attaching detaching in-use reserved maintenance deleting awaiting-transfer error
  error_deleting backing-up restoring-backup error_backing-up error_restoring error_extending downloading uploading retyping
  extending`.split(/\s+/);
const SNAPSHOT_STATUSES =
  'creating available backing-up deleting error deleted unmanaging restoring error_deleting'.split(' ');

describe('the seed', () => {
  const seeded = () =>
    startSimulator({ regions: DEMO_REGIONS.map((code) => ({ code })), tokens: DEMO_TOKENS, seed: true });

  test('is the same every time and different for every tenant and region', async () => {
    await using one = await seeded();
    await using two = await seeded();
    const ids = new Set<string>();
    for (const region of DEMO_REGIONS) {
      for (const tenant of [alice.tenant, bob.tenant]) {
        expect(two.store(region).volumes(tenant)).toEqual(one.store(region).volumes(tenant));
        expect(two.store(region).snapshots(tenant)).toEqual(one.store(region).snapshots(tenant));
        for (const { id } of one.store(region).volumes(tenant)) ids.add(id);
      }
    }
    expect(ids.size).toBe(6 * 120);
  });

  test('has the rows of the guide, every status, and a place left in the quota', async () => {
    await using demo = await seeded();
    const store = demo.store('kr1');
    const guide = store.volume('17975e9d-1533-40db-bd02-2072cd2ccb7f');
    expect(guide).toMatchObject({
      name: 'volume-f4f47065-300e-480e-8c9c-fb7ec985bffb',
      size: 50,
      volume_type: 'General HDD',
    });
    expect(store.snapshot('f63af601-43cd-41ab-8905-e1e93995f366')).toMatchObject({
      name: 'SNAPSHOT',
      volume_id: guide?.id,
    });
    expect(store.volumeTypes().map(({ id }) => id)).toContain('4e36aa51-df30-422e-aff1-eba1f3d9612f');
    for (const region of DEMO_REGIONS) {
      for (const tenant of [alice.tenant, bob.tenant]) {
        const [volumes, snapshots] = [demo.store(region).volumes(tenant), demo.store(region).snapshots(tenant)];
        expect(new Set(volumes.map(({ status }) => status))).toEqual(new Set(VOLUME_STATUSES));
        expect(new Set(snapshots.map(({ status }) => status))).toEqual(new Set(SNAPSHOT_STATUSES));
        const perVolume = Map.groupBy(snapshots, ({ volume_id }) => volume_id).values();
        expect(Math.max(...[...perVolume].map((group) => group.length))).toBe(25);
        expect([...volumes, ...snapshots].reduce((sum, { size }) => sum + size, 0)).toBeLessThan(90_000);
        for (const kind of [
          volumes.filter(({ attachments }) => attachments.length > 1),
          volumes.filter(({ nhn_encryption }) => nhn_encryption),
          volumes.filter(({ snapshot_id }) => snapshot_id && snapshots.some(({ id }) => id === snapshot_id)),
          volumes.filter(({ source_volid }) => source_volid),
          volumes.filter(({ bootable }) => bootable === 'true'),
          volumes.filter(({ name }) => name === null),
          volumes.filter(({ name }) => name && /\p{Emoji_Presentation}/u.test(name)),
        ]) {
          expect(kind.length).toBeGreaterThan(0);
        }
      }
    }
  });
});
