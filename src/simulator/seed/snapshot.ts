import type { SnapshotRow } from '../snapshot/snapshot.ts';
import type { Store } from '../store.ts';
import type { VolumeRow } from '../volume/volume.ts';
import { seedName } from './name.ts';
import { hoursBack, type Seed } from './random.ts';

const COUNT = 70;
/** How many of them are of one and the same volume, and its size in GB. */
const OF_POPULAR = 25;
const POPULAR_SIZE = 100;

/** The guide's 9 statuses of a snapshot; each seventh row has the next of them, so that all are there. */
const SNAPSHOT_STATUSES = [
  ...[
    'available',
    'creating',
    'backing-up',
    'deleting',
    'error',
    'deleted',
    'unmanaging',
    'restoring',
    'error_deleting',
  ],
] as const;

/** Adds the tenant's snapshots; its volumes are there already. The first of the guide's tenant is the guide's example. */
export function seedSnapshots(store: Store, seed: Seed, tenant: string, inGuide: boolean): void {
  const volumes = store.volumes(tenant).filter((row) => row.status === 'available' || row.status === 'in-use');
  const popular = volumes.find((row) => row.size === POPULAR_SIZE);
  if (!popular) throw new Error('Snapshots are seeded after their volumes, one of which has the popular size');
  const others = volumes.filter((row) => row !== popular);
  for (let index = 0; index < COUNT; index += 1) {
    const other = others[(index * 7) % others.length] ?? popular;
    const volume = index > 0 && index <= OF_POPULAR ? popular : other;
    store.addSnapshot(tenant, index === 0 && inGuide ? guideSnapshot() : seedSnapshot(seed, index, volume));
  }
}

function seedSnapshot(seed: Seed, index: number, volume: VolumeRow): Partial<SnapshotRow> {
  const odd = index % 7 === 0 ? SNAPSHOT_STATUSES[index / 7] : undefined;
  const status = odd ?? (index % 20 === 19 ? 'error' : 'available');
  // Two in a row have the same second.
  const hours = Math.floor(index / 2) * 240 + seed.below('snapshot-hour', Math.floor(index / 2), 200);
  return {
    id: seed.uuid('snapshot', index),
    status,
    created_at: hoursBack(hours),
    updated_at: index % 4 === 0 ? null : hoursBack(Math.max(0, hours - 1)),
    name: seedName(seed, 'snapshot', index),
    description: ['Daily backup', '매일 백업', '', null][index % 4] ?? null,
    volume_id: volume.id,
    size: volume.size,
    metadata: index % 6 === 0 ? { policy: 'daily' } : {},
    'os-extended-snapshot-attributes:progress': status === 'creating' ? '40%' : '100%',
  };
}

/** The snapshot of the guide's examples (guide: View Snapshot). */
function guideSnapshot(): Partial<SnapshotRow> {
  return {
    id: 'f63af601-43cd-41ab-8905-e1e93995f366',
    status: 'available',
    name: 'SNAPSHOT',
    description: '',
    created_at: '2020-03-03T11:03:40.000000',
    volume_id: '17975e9d-1533-40db-bd02-2072cd2ccb7f',
    size: 50,
  };
}
