import { randomUUID } from 'node:crypto';
import type { Change } from '../change.ts';

/** A snapshot by its wire names (guide: View Snapshot; FACTS 11). `size` is the volume's, in GB. */
export interface SnapshotRow {
  id: string;
  created_at: string;
  updated_at: string | null;
  name: string | null;
  description: string | null;
  volume_id: string;
  status: string;
  size: number;
  metadata: Record<string, string>;
  'os-extended-snapshot-attributes:project_id': string;
  'os-extended-snapshot-attributes:progress': string;
  /** The type's name, kept because a volume made from the snapshot inherits it; never shown. */
  volume_type: string | null;
  /** The status change under way; never shown. */
  change?: Change;
}

/** What a snapshot takes from its volume and its surroundings. */
export interface SnapshotDefaults {
  readonly tenant: string;
  readonly time: string;
  readonly volume: { readonly id: string; readonly size: number; readonly volume_type: string | null };
}

/** A whole row from the given fields, the rest filled in. */
export function completeSnapshot(partial: Partial<SnapshotRow>, defaults: SnapshotDefaults): SnapshotRow {
  return {
    id: randomUUID(),
    created_at: defaults.time,
    updated_at: null,
    name: null,
    description: null,
    volume_id: defaults.volume.id,
    status: 'available',
    size: defaults.volume.size,
    metadata: {},
    'os-extended-snapshot-attributes:project_id': defaults.tenant,
    'os-extended-snapshot-attributes:progress': partial.status === 'creating' ? '0%' : '100%',
    volume_type: defaults.volume.volume_type,
    ...partial,
  };
}

/** The row of a summary list and of a create: all but the extended attributes (FACTS 11). */
export function showSnapshotShort(row: SnapshotRow): object {
  const {
    change: _,
    volume_type: __,
    'os-extended-snapshot-attributes:project_id': ___,
    'os-extended-snapshot-attributes:progress': ____,
    ...shown
  } = row;
  return shown;
}

/** The whole row. */
export function showSnapshot(row: SnapshotRow): object {
  const { change: _, volume_type: __, ...shown } = row;
  return shown;
}
