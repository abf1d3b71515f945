import { randomUUID } from 'node:crypto';

/** A volume type (guide: List Block Storage Types; FACTS 26). */
export interface VolumeTypeRow {
  id: string;
  name: string;
  is_public: boolean;
  description: string | null;
  extra_specs: Record<string, string>;
  qos_specs_id: string | null;
  created_at: string;
  updated_at: string | null;
}

/** A whole row from the given fields, the rest filled in. */
export function completeVolumeType(partial: Partial<VolumeTypeRow>, time: string): VolumeTypeRow {
  const name = partial.name ?? 'Unnamed type';
  return {
    id: randomUUID(),
    name,
    is_public: true,
    description: null,
    extra_specs: { volume_backend_name: name.toLowerCase().split(' ').reverse().join('_') },
    qos_specs_id: null,
    created_at: time,
    updated_at: null,
    ...partial,
  };
}

/** The type as a member sees it; `extra_specs` only if the region's policy says so (FACTS 26). */
export function showVolumeType(row: VolumeTypeRow, extraSpecs: boolean): object {
  return {
    id: row.id,
    name: row.name,
    is_public: row.is_public,
    description: row.description,
    ...(extraSpecs ? { extra_specs: row.extra_specs } : {}),
    'os-volume-type-access:is_public': row.is_public,
  };
}

/** The type inside the answer to an upload: the whole row, whatever the policy says (FACTS 13). */
export function showUploadedType(row: VolumeTypeRow): object {
  return {
    id: row.id,
    name: row.name,
    description: row.description,
    is_public: row.is_public,
    extra_specs: row.extra_specs,
    qos_specs_id: row.qos_specs_id,
    created_at: row.created_at,
    updated_at: row.updated_at,
    deleted_at: null,
    deleted: false,
  };
}
