import { randomUUID } from 'node:crypto';
import type { Change } from '../change.ts';

/** One attachment of a volume (guide: List Block Storage Details); `id` is the volume's id (FACTS 13). */
export interface Attachment {
  id: string;
  attachment_id: string;
  volume_id: string;
  server_id: string;
  host_name: string | null;
  device: string;
  attached_at: string;
}

/** A volume by its wire names (guide: Get Block Storage; FACTS 11, 13). Sizes are GB. */
export interface VolumeRow {
  id: string;
  status: string;
  size: number;
  availability_zone: string;
  created_at: string;
  updated_at: string | null;
  name: string | null;
  description: string | null;
  /** The type's name, not its id. */
  volume_type: string | null;
  snapshot_id: string | null;
  source_volid: string | null;
  metadata: Record<string, string>;
  user_id: string;
  /** A text, unlike the other two flags. */
  bootable: 'true' | 'false';
  encrypted: boolean;
  replication_status: string | null;
  consistencygroup_id: string | null;
  multiattach: boolean;
  attachments: Attachment[];
  'os-vol-tenant-attr:tenant_id': string;
  /** In the guide only; recorded services of later releases have neither of these three. */
  'os-volume-replication:extended_status'?: string | null;
  'os-volume-replication:driver_data'?: string | null;
  nhn_encryption?: { skm_key_version: number; skm_key_id: string };
  /** The status change under way; never shown. */
  change?: Change;
}

/** What a row is called on the wire when a test leaves something out. */
export interface VolumeDefaults {
  readonly tenant: string;
  readonly zone: string;
  readonly type: string | null;
  readonly time: string;
}

/** A whole row from the given fields, the rest filled in. */
export function completeVolume(partial: Partial<VolumeRow>, defaults: VolumeDefaults): VolumeRow {
  return {
    id: randomUUID(),
    status: 'available',
    size: 10,
    availability_zone: defaults.zone,
    created_at: defaults.time,
    updated_at: null,
    name: null,
    description: null,
    volume_type: defaults.type,
    snapshot_id: null,
    source_volid: null,
    metadata: {},
    user_id: userOf(defaults.tenant),
    bootable: 'false',
    encrypted: partial.nhn_encryption !== undefined,
    replication_status: null,
    consistencygroup_id: null,
    multiattach: false,
    attachments: [],
    'os-vol-tenant-attr:tenant_id': defaults.tenant,
    ...partial,
  };
}

/** The row of a summary list: id, name and links only (FACTS 11). */
export function showVolumeShort(row: VolumeRow, origin: string): object {
  return { id: row.id, name: row.name, links: volumeLinks(row, origin) };
}

/** The whole row; the answer to a create lacks the tenant (FACTS 11). */
export function showVolume(row: VolumeRow, origin: string, created = false): object {
  const { change: _, 'os-vol-tenant-attr:tenant_id': tenant, ...shown } = row;
  return {
    ...shown,
    links: volumeLinks(row, origin),
    ...(created ? {} : { 'os-vol-tenant-attr:tenant_id': tenant }),
  };
}

/** The id of the one user that a simulated tenant has. */
function userOf(tenant: string): string {
  return Array.from(tenant).reverse().join('');
}

function volumeLinks(row: VolumeRow, origin: string): object[] {
  const path = `${row['os-vol-tenant-attr:tenant_id']}/volumes/${row.id}`;
  return [
    { rel: 'self', href: `${origin}/v2/${path}` },
    { rel: 'bookmark', href: `${origin}/${path}` },
  ];
}
