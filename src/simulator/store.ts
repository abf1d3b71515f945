import { type Change, createChanges, GONE } from './change.ts';
import { completeSnapshot, type SnapshotRow } from './snapshot/snapshot.ts';
import { createTable, type Table } from './table.ts';
import { formatTime, now, storedTime } from './time.ts';
import { completeVolume, type VolumeRow } from './volume/volume.ts';
import { completeVolumeType, type VolumeTypeRow } from './volume-type/volume-type.ts';

/** What a store must know of its region. */
export interface StoreOptions {
  /** Availability zones; the first is the default. */
  readonly zones: readonly [string, ...string[]];
  /** Times lose their microseconds and ids compare without case (FACTS 12, 30). */
  readonly mariadb: boolean;
}

/** The rows of one region. Every read first lets the status changes happen that are due. */
export interface Store {
  readonly zones: readonly [string, ...string[]];
  readonly mariadb: boolean;
  /** Adds a volume; wire names, everything left out has a default. */
  addVolume(tenant: string, partial?: Partial<VolumeRow>): VolumeRow;
  /** Adds a snapshot; without `volume_id` it is one of the tenant's first volume, which is made if need be. */
  addSnapshot(tenant: string, partial?: Partial<SnapshotRow>): SnapshotRow;
  addVolumeType(partial?: Partial<VolumeTypeRow>): VolumeTypeRow;
  volumes(tenant: string): VolumeRow[];
  snapshots(tenant: string): SnapshotRow[];
  volumeTypes(): VolumeTypeRow[];
  volume(id: string): VolumeRow | undefined;
  snapshot(id: string): SnapshotRow | undefined;
  /** Puts a volume or snapshot into a status at once and for good. */
  setStatus(id: string, status: string): void;
  /** Takes a volume or snapshot away at once. */
  remove(id: string): void;
  /** Puts a row into a status that changes by itself later. */
  begin(row: VolumeRow | SnapshotRow, status: string, change: Change): void;
}

/** An empty store without even types. */
export function createStore({ zones, mariadb }: StoreOptions): Store {
  const volumes = createTable<VolumeRow>(mariadb);
  const snapshots = createTable<SnapshotRow>(mariadb);
  const types = createTable<VolumeTypeRow>(mariadb);

  const changes = createChanges<VolumeRow | SnapshotRow>((row, { at, to }) => {
    if (to === GONE) remove(row.id);
    else finish(row, to, storedTime(formatTime(at), mariadb));
  });

  function remove(id: string): void {
    for (const table of [volumes, snapshots]) {
      const row = table.get(id);
      if (row) changes.cancel(row);
      table.delete(id);
    }
  }

  /** The table after the changes that are due. */
  function settled<Row>(table: Table<Row>): Table<Row> {
    changes.settle();
    return table;
  }

  const store: Store = {
    zones,
    mariadb,
    addVolume(tenant, partial = {}) {
      const type = defaultType(types.all());
      return volumes.add(completeVolume(partial, { tenant, zone: zones[0], type, time: formatTime(now()) }));
    },
    addSnapshot(tenant, partial = {}) {
      const volume = volumes.get(partial.volume_id ?? '') ?? store.volumes(tenant)[0] ?? store.addVolume(tenant);
      return snapshots.add(completeSnapshot(partial, { tenant, time: formatTime(now()), volume }));
    },
    addVolumeType: (partial = {}) => types.add(completeVolumeType(partial, formatTime(now()))),
    volumes: (tenant) =>
      settled(volumes)
        .all()
        .filter((row) => row['os-vol-tenant-attr:tenant_id'] === tenant),
    snapshots: (tenant) =>
      settled(snapshots)
        .all()
        .filter((row) => row['os-extended-snapshot-attributes:project_id'] === tenant),
    volumeTypes: types.all,
    volume: (id) => settled(volumes).get(id),
    snapshot: (id) => settled(snapshots).get(id),
    setStatus(id, status) {
      const row = volumes.get(id) ?? snapshots.get(id);
      if (!row) throw new Error(`No volume or snapshot ${id} in this region: its status cannot be set`);
      changes.cancel(row);
      row.status = status;
    },
    remove,
    begin: changes.begin,
  };
  return store;
}

function finish(row: VolumeRow | SnapshotRow, status: string, time: string): void {
  row.status = status;
  row.updated_at = time;
  if ('volume_id' in row) row['os-extended-snapshot-attributes:progress'] = '100%';
}

function defaultType(types: readonly VolumeTypeRow[]): string | null {
  return (types.find(({ name }) => name === 'General HDD') ?? types[0])?.name ?? null;
}
