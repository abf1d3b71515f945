import type { Store } from '../store.ts';
import type { Attachment, VolumeRow } from '../volume/volume.ts';
import { seedName } from './name.ts';
import { hoursBack, type Seed } from './random.ts';

const COUNT = 120;

/** The guide's 20 statuses of a volume; each sixth row has the next of them, so that all are there. */
const VOLUME_STATUSES = [
  ...['available', 'creating', 'attaching', 'detaching', 'in-use', 'reserved', 'maintenance', 'deleting'],
  ...['awaiting-transfer', 'error', 'error_deleting', 'backing-up', 'restoring-backup', 'error_backing-up'],
  ...['error_restoring', 'error_extending', 'downloading', 'uploading', 'retyping', 'extending'],
] as const;

/** Statuses in which a seeded volume is attached. */
const ATTACHED: readonly string[] = ['in-use', 'detaching'];
/** Whole GB; all seeded rows of a tenant together stay well below its quota. */
const SIZES = [10, 10, 20, 20, 30, 50, 50, 100, 100, 200, 500, 1000, 2000] as const;
const TYPES = ['General SSD', 'General SSD', 'General HDD', 'General HDD', 'Encrypted SSD', 'Encrypted HDD'] as const;

/** Adds the tenant's volumes, oldest last; the first of the guide's tenant is the guide's example. */
export function seedVolumes(store: Store, seed: Seed, tenant: string, inGuide: boolean): void {
  for (let index = 0; index < COUNT; index += 1) {
    store.addVolume(tenant, index === 0 && inGuide ? guideVolume() : seedVolume(store, seed, index));
  }
}

function seedVolume(store: Store, seed: Seed, index: number): Partial<VolumeRow> {
  const id = seed.uuid('volume', index);
  const status = statusOf(seed, index);
  const type = seed.pick('volume-type', index, TYPES);
  const encrypted = type.startsWith('Encrypted');
  // Rows made in one go, as by a script: three in a row have the same second.
  const hours = Math.floor(index / 3) * 900 + seed.below('volume-hour', Math.floor(index / 3), 700);
  const multiattach = index % 13 === 4;
  const attachments = ATTACHED.includes(status) ? seedAttachments(seed, index, id, multiattach ? 3 : 1, hours) : [];
  return {
    id,
    status,
    size: seed.pick('volume-size', index, SIZES),
    availability_zone: seed.pick('volume-zone', index, store.zones),
    created_at: hoursBack(hours),
    updated_at: index % 4 === 0 ? null : hoursBack(Math.max(0, hours - 5)),
    name: seedName(seed, 'volume', index),
    description: index % 5 === 0 ? `Seeded volume ${index} · 시드 볼륨` : null,
    volume_type: type,
    // Both origins may be gone since: an id without a row.
    snapshot_id: index % 10 === 3 ? seed.uuid('snapshot', 30 + (index % 50)) : null,
    source_volid: index % 17 === 6 ? seed.uuid('volume', index - 6) : null,
    metadata: {
      ...(index % 6 === 0 ? { team: seed.pick('volume-team', index, ['storage', 'web', '데이터']), tier: 'gold' } : {}),
      ...(attachments.length > 0 ? { readonly: 'False', attached_mode: 'rw' } : {}),
    },
    bootable: index % 9 === 2 ? 'true' : 'false',
    encrypted,
    replication_status: 'disabled',
    multiattach,
    attachments,
    'os-volume-replication:extended_status': null,
    'os-volume-replication:driver_data': null,
    ...(encrypted ? { nhn_encryption: { skm_key_version: 1 + (index % 3), skm_key_id: keyId(seed, index) } } : {}),
  };
}

function statusOf(seed: Seed, index: number): string {
  const usual = seed.pick('volume-status', index, ['available', 'available', 'in-use', 'in-use', 'error']);
  return index % 6 === 0 ? (VOLUME_STATUSES[index / 6] ?? usual) : usual;
}

function seedAttachments(seed: Seed, index: number, volume: string, count: number, hours: number): Attachment[] {
  return Array.from({ length: count }, (_, nth) => ({
    id: volume,
    attachment_id: seed.uuid(`attachment-${nth}`, index),
    volume_id: volume,
    // Few servers, so that one has several volumes.
    server_id: seed.uuid('server', (index + nth) % 25),
    host_name: null,
    device: `/dev/vd${'bcdefg'[nth] ?? 'z'}`,
    attached_at: hoursBack(Math.max(0, hours - 1)),
  }));
}

function keyId(seed: Seed, index: number): string {
  return seed.uuid('key', index).replaceAll('-', '');
}

/** The volume of the guide's examples (guide: Get Block Storage). */
function guideVolume(): Partial<VolumeRow> {
  return {
    id: '17975e9d-1533-40db-bd02-2072cd2ccb7f',
    size: 50,
    status: 'available',
    volume_type: 'General HDD',
    user_id: '5e6524d826084188ae549815b3e33380',
    name: 'volume-f4f47065-300e-480e-8c9c-fb7ec985bffb',
    created_at: '2018-12-18T05:43:12.000000',
    replication_status: 'disabled',
    'os-volume-replication:extended_status': null,
    'os-volume-replication:driver_data': null,
  };
}
