import { type Attachment, decodeAttachments } from './attachment.ts';
import type { Client, Writer } from './client.ts';
import {
  decodeBoolean,
  decodeInteger,
  decodeName,
  decodeObject,
  decodeObjects,
  decodeText,
  decodeTime,
  decodeUuid,
  isObject,
  type Wire,
} from './decode.ts';
import { createFollowable, createFollowableList } from './followable.ts';
import type { KeyValue } from './order.ts';
import { decodeCreated, deleteOne, type PageQuery, type ReadPage, readOne, readPage } from './page.ts';
import { createResource } from './resource.ts';
import { Row } from './row.ts';

/** The guide's 20 statuses of a volume and what they mean (section "Block Storage Status"). */
export const volumeStatuses = {
  creating: 'The volume is being created.',
  available: 'The volume is ready to be attached.',
  attaching: 'The volume is being attached to a server.',
  detaching: 'The volume is being detached from a server.',
  'in-use': 'The volume is attached to a server.',
  reserved: 'The root volume of a terminated server.',
  maintenance: 'The volume is moving to other equipment.',
  deleting: 'The volume is being deleted.',
  'awaiting-transfer': 'The volume waits to be transferred.',
  error: 'The volume could not be created.',
  error_deleting: 'The volume could not be deleted.',
  'backing-up': 'The volume is being backed up.',
  'restoring-backup': 'The volume is being restored from a backup.',
  'error_backing-up': 'The volume could not be backed up.',
  error_restoring: 'The volume could not be restored.',
  error_extending: 'The volume could not be extended.',
  downloading: 'An image is being written to the new volume.',
  uploading: 'An image is being made of the volume.',
  retyping: 'The type of the volume is being changed.',
  extending: 'The volume is being extended.',
} as const;

/** A volume as the guide names it. A row of the short list has only `uuid`, `name` and `links`; the rest is null. */
export class Volume extends Row {
  #createdAt: string | null = null;
  #attachments: readonly Attachment[] | null = null;

  get name() {
    return decodeName(this.wire.name);
  }
  get links() {
    return decodeObjects(this.wire.links).map(decodeLink);
  }
  get tenantId() {
    return decodeText(this.wire[tenantMember]);
  }
  get description() {
    return decodeName(this.wire.description);
  }
  /** The upstream's own word, also one that the guide does not know. */
  get status() {
    return decodeText(this.wire.status);
  }
  /** Gigabytes. */
  get size() {
    return decodeInteger(this.wire.size);
  }
  get availabilityZone() {
    return decodeText(this.wire.availability_zone);
  }
  get bootable() {
    return decodeBoolean(this.wire.bootable);
  }
  get encrypted() {
    return decodeBoolean(this.wire.encrypted);
  }
  get multiattach() {
    return decodeBoolean(this.wire.multiattach);
  }
  get metadata() {
    return decodeObject(this.wire.metadata);
  }
  /** UTC text with six digits of a second. Decoded once, because lists are sorted by it. */
  get createdAt() {
    this.#createdAt ??= decodeTime(this.wire.created_at);
    return this.#createdAt;
  }
  get userId() {
    return decodeText(this.wire.user_id);
  }
  get consistencyGroupId() {
    return decodeText(this.wire.consistencygroup_id);
  }
  get replication() {
    return decodeReplication(this.wire);
  }
  get encryption() {
    return decodeEncryption(this.wire.nhn_encryption);
  }
  /** The type's name (FACTS 13). */
  get volumeTypeName() {
    return decodeName(this.wire.volume_type);
  }
  get sourceSnapshotUuid() {
    return decodeUuid(this.wire.snapshot_id);
  }
  get sourceVolumeUuid() {
    return decodeUuid(this.wire.source_volid);
  }
  /** Decoded once, so that a warning about an attachment that is left out is given once. */
  get attachments() {
    this.#attachments ??= decodeAttachments(this.wire.attachments, this.uuid, this.source);
    return this.#attachments;
  }
}

export type Link = Readonly<ReturnType<typeof decodeLink>>;
export type Replication = Readonly<ReturnType<typeof decodeReplication>>;
/** The key of the key manager that encrypts the volume; the appkey is never read back. */
export type Encryption = Readonly<NonNullable<ReturnType<typeof decodeEncryption>>>;

/** What a volume is created from. A member left out is left out upstream too. */
export interface VolumeInput {
  readonly size?: number | undefined;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  readonly volumeType?: string | undefined;
  readonly availabilityZone?: string | undefined;
  readonly snapshotUuid?: string | undefined;
  readonly sourceVolumeUuid?: string | undefined;
  readonly metadata?: Wire | undefined;
  readonly encryption?: { readonly appKey: string; readonly keyId: string } | undefined;
}

/** What volumes are sorted by, by the names of `sort` (guide, "List Block Storage"). */
export function volumeKey(key: string, volume: Volume): KeyValue {
  switch (key) {
    case 'name':
      return volume.name;
    case 'created_at':
      return volume.createdAt;
    case 'size':
      return volume.size;
    case 'status':
      return volume.status;
    case 'availability_zone':
      return volume.availabilityZone;
    default:
      return volume.uuid;
  }
}

/** Guide: "List Block Storage": ids, names and links only. */
export function listVolumes(client: Client, query: PageQuery): Promise<ReadPage<Volume>> {
  return readPage(client, volumes, query);
}

/** Guide: "List Block Storage Details". */
export function listVolumesDetail(client: Client, query: PageQuery): Promise<ReadPage<Volume>> {
  return readPage(client, volumes, query, '/volumes/detail');
}

/** Guide: "Get Block Storage". Null when there is none. */
export function getVolume(client: Client, uuid: string): Promise<Volume | null> {
  return readOne(client, volumes, uuid);
}

export const followableVolume = createFollowable('volume', getVolume, Volume);

export const followableVolumes = createFollowableList(followableVolume, {
  listDetail: listVolumesDetail,
  keyOf: volumeKey,
});

/** Guide: "Create Block Storage". Answers at once with a volume in `creating` (FACTS 27). */
export async function createVolume(client: Writer, input: VolumeInput): Promise<Volume> {
  const answer = await client.send('POST', '/volumes', {
    volume: {
      size: input.size,
      name: input.name,
      description: input.description,
      volume_type: input.volumeType,
      availability_zone: input.availabilityZone,
      snapshot_id: input.snapshotUuid,
      source_volid: input.sourceVolumeUuid,
      metadata: input.metadata,
      nhn_encryption: input.encryption && {
        skm_appkey: input.encryption.appKey,
        skm_key_id: input.encryption.keyId,
      },
    },
  });
  // The create answer does not name the tenant (FACTS 11): it is the one the volume was created for.
  return decodeCreated(client, volumes, answer, { [tenantMember]: client.tenant() });
}

/** Guide: "Delete Block Storage". Done when the volume is gone; until then it is `deleting`. */
export async function deleteVolume(client: Writer, uuid: string): Promise<void> {
  await deleteOne(client, volumes, uuid);
}

/** The wire member that names a volume's tenant. */
const tenantMember = 'os-vol-tenant-attr:tenant_id';

const volumes = createResource({ path: '/volumes', member: 'volume', row: Volume, tenantMember });

function decodeLink({ rel, href }: Wire) {
  return { rel: decodeText(rel), href: decodeText(href) };
}

function decodeReplication(wire: Wire) {
  return {
    status: decodeText(wire.replication_status),
    extendedStatus: decodeText(wire['os-volume-replication:extended_status']),
    driverData: decodeText(wire['os-volume-replication:driver_data']),
  };
}

function decodeEncryption(value: unknown) {
  if (!isObject(value)) return null;
  return { keyId: decodeText(value.skm_key_id), keyVersion: decodeInteger(value.skm_key_version) };
}
