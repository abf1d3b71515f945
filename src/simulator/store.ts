import { type Change, GONE } from './change.ts';
import { completeSnapshot, type SnapshotRow } from './snapshot/snapshot.ts';
import { formatTime, now, wholeSecond } from './time.ts';
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
export function createStore(options: StoreOptions): Store {
  const { zones, mariadb } = options;
  const volumes = new Map<string, VolumeRow>();
  const snapshots = new Map<string, SnapshotRow>();
  const types = new Map<string, VolumeTypeRow>();
  const changing = new Set<VolumeRow | SnapshotRow>();

  const key = (id: string): string => (mariadb ? id.toLowerCase() : id);
  const kept = (time: string): string => (mariadb ? wholeSecond(time) : time);

  function settle(): void {
    const time = now();
    for (const row of changing) {
      if (row.change && row.change.at <= time) apply(row, row.change);
    }
  }

  function apply(row: VolumeRow | SnapshotRow, change: Change): void {
    delete row.change;
    changing.delete(row);
    if (change.to === GONE) {
      drop(row.id);
      return;
    }
    row.status = change.to;
    row.updated_at = kept(formatTime(change.at));
    if ('volume_id' in row) row['os-extended-snapshot-attributes:progress'] = '100%';
  }

  function drop(id: string): void {
    for (const row of [volumes.get(key(id)), snapshots.get(key(id))]) if (row) changing.delete(row);
    volumes.delete(key(id));
    snapshots.delete(key(id));
  }

  function defaultType(): string | null {
    const names = [...types.values()].map((type) => type.name);
    return names.find((name) => name === 'General HDD') ?? names[0] ?? null;
  }

  const store: Store = {
    zones,
    mariadb,
    addVolume(tenant, partial = {}) {
      const time = formatTime(now());
      const row = completeVolume(partial, { tenant, zone: zones[0], type: defaultType(), time });
      row.created_at = kept(row.created_at);
      volumes.set(key(row.id), row);
      return row;
    },
    addSnapshot(tenant, partial = {}) {
      const volume = volumes.get(key(partial.volume_id ?? '')) ?? store.volumes(tenant)[0] ?? store.addVolume(tenant);
      const row = completeSnapshot(partial, { tenant, time: formatTime(now()), volume });
      row.created_at = kept(row.created_at);
      snapshots.set(key(row.id), row);
      return row;
    },
    addVolumeType(partial = {}) {
      const row = completeVolumeType(partial, kept(formatTime(now())));
      types.set(row.id, row);
      return row;
    },
    volumes(tenant) {
      settle();
      return [...volumes.values()].filter((row) => row['os-vol-tenant-attr:tenant_id'] === tenant);
    },
    snapshots(tenant) {
      settle();
      return [...snapshots.values()].filter((row) => row['os-extended-snapshot-attributes:project_id'] === tenant);
    },
    volumeTypes: () => [...types.values()],
    volume(id) {
      settle();
      return volumes.get(key(id));
    },
    snapshot(id) {
      settle();
      return snapshots.get(key(id));
    },
    setStatus(id, status) {
      const row = volumes.get(key(id)) ?? snapshots.get(key(id));
      if (!row) throw new Error(`No volume or snapshot ${id} in this region: its status cannot be set`);
      delete row.change;
      changing.delete(row);
      row.status = status;
    },
    remove: drop,
    begin(row, status, change) {
      row.status = status;
      row.change = change;
      changing.add(row);
    },
  };
  return store;
}
