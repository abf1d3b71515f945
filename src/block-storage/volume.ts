import type { Region } from '../regions.ts';
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
import { createFollowable } from './followable.ts';
import type { KeyValue } from './order.ts';
import { decodeCreated, deleteOne, type PageQuery, type ReadPage, type Resource, readOne, readPage } from './page.ts';

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
export interface Volume {
  readonly region: Region;
  readonly uuid: string;
  readonly name: string | null;
  readonly links: readonly Link[];
  readonly tenantId: string | null;
  readonly description: string | null;
  /** The upstream's own word, also one that the guide does not know. */
  readonly status: string | null;
  /** Gigabytes. */
  readonly size: number | null;
  readonly availabilityZone: string | null;
  readonly bootable: boolean | null;
  readonly encrypted: boolean | null;
  readonly multiattach: boolean | null;
  readonly metadata: Wire | null;
  /** UTC text with six digits of a second. */
  readonly createdAt: string | null;
  readonly userId: string | null;
  readonly consistencyGroupId: string | null;
  readonly replication: Replication;
  readonly encryption: Encryption | null;
  /** The type's name (FACTS 13). */
  readonly volumeTypeName: string | null;
  readonly sourceSnapshotUuid: string | null;
  readonly sourceVolumeUuid: string | null;
  readonly attachments: readonly Attachment[] | null;
}

export interface Link {
  readonly rel: string | null;
  readonly href: string | null;
}

export interface Replication {
  readonly status: string | null;
  readonly extendedStatus: string | null;
  readonly driverData: string | null;
}

/** The key of the key manager that encrypts the volume; the appkey is never read back. */
export interface Encryption {
  readonly keyId: string | null;
  readonly keyVersion: number | null;
}

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

export const followableVolume = createFollowable<Volume>('volume', getVolume, {
  name: true,
  links: true,
  tenantId: true,
  description: true,
  status: true,
  size: true,
  availabilityZone: true,
  bootable: true,
  encrypted: true,
  multiattach: true,
  metadata: true,
  createdAt: true,
  userId: true,
  consistencyGroupId: true,
  replication: true,
  encryption: true,
  volumeTypeName: true,
  sourceSnapshotUuid: true,
  sourceVolumeUuid: true,
  attachments: true,
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
  return decodeCreated(client, volumes, answer, { 'os-vol-tenant-attr:tenant_id': client.tenant() });
}

/** Guide: "Delete Block Storage". Done when the volume is gone; until then it is `deleting`. */
export async function deleteVolume(client: Writer, uuid: string): Promise<void> {
  await deleteOne(client, volumes, uuid);
}

const volumes: Resource<Volume> = {
  path: '/volumes',
  member: 'volume',
  decode: (wire, uuid, client) => new DecodedVolume(wire, uuid, client),
  tenantMember: 'os-vol-tenant-attr:tenant_id',
};

/** Reads every field that the guide names and no other, each when it is asked for: a list of thousands is asked for few. */
class DecodedVolume implements Volume {
  readonly uuid: string;
  readonly #wire: Wire;
  readonly #client: Client;
  #createdAt: string | null = null;
  #attachments: readonly Attachment[] | null = null;

  constructor(wire: Wire, uuid: string, client: Client) {
    this.uuid = uuid;
    this.#wire = wire;
    this.#client = client;
  }

  get region() {
    return this.#client.region;
  }
  get name() {
    return decodeName(this.#wire.name);
  }
  get links() {
    return decodeObjects(this.#wire.links).map(({ rel, href }) => ({ rel: decodeText(rel), href: decodeText(href) }));
  }
  get tenantId() {
    return decodeText(this.#wire['os-vol-tenant-attr:tenant_id']);
  }
  get description() {
    return decodeName(this.#wire.description);
  }
  get status() {
    return decodeText(this.#wire.status);
  }
  get size() {
    return decodeInteger(this.#wire.size);
  }
  get availabilityZone() {
    return decodeText(this.#wire.availability_zone);
  }
  get bootable() {
    return decodeBoolean(this.#wire.bootable);
  }
  get encrypted() {
    return decodeBoolean(this.#wire.encrypted);
  }
  get multiattach() {
    return decodeBoolean(this.#wire.multiattach);
  }
  get metadata() {
    return decodeObject(this.#wire.metadata);
  }
  get createdAt() {
    // Lists are sorted by it.
    this.#createdAt ??= decodeTime(this.#wire.created_at);
    return this.#createdAt;
  }
  get userId() {
    return decodeText(this.#wire.user_id);
  }
  get consistencyGroupId() {
    return decodeText(this.#wire.consistencygroup_id);
  }
  get replication() {
    return {
      status: decodeText(this.#wire.replication_status),
      extendedStatus: decodeText(this.#wire['os-volume-replication:extended_status']),
      driverData: decodeText(this.#wire['os-volume-replication:driver_data']),
    };
  }
  get encryption() {
    return decodeEncryption(this.#wire.nhn_encryption);
  }
  get volumeTypeName() {
    return decodeName(this.#wire.volume_type);
  }
  get sourceSnapshotUuid() {
    return decodeUuid(this.#wire.snapshot_id);
  }
  get sourceVolumeUuid() {
    return decodeUuid(this.#wire.source_volid);
  }
  get attachments() {
    // What is left out of them is told once.
    this.#attachments ??= decodeAttachments(this.#wire.attachments, this.uuid, this.#client.region, this.#client.warn);
    return this.#attachments;
  }
}

function decodeEncryption(value: unknown): Encryption | null {
  if (!isObject(value)) return null;
  return { keyId: decodeText(value.skm_key_id), keyVersion: decodeInteger(value.skm_key_version) };
}
