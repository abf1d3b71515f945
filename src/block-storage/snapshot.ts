import type { Region } from '../regions.ts';
import type { Client, Writer } from './client.ts';
import { decodeInteger, decodeName, decodeObject, decodeText, decodeTime, decodeUuid, type Wire } from './decode.ts';
import { createFollowable } from './followable.ts';
import type { KeyValue } from './order.ts';
import { decodeCreated, deleteOne, type PageQuery, type ReadPage, type Resource, readOne, readPage } from './page.ts';

/** The guide's 9 statuses of a snapshot and what they mean (section "Snapshot status"). */
export const snapshotStatuses = {
  creating: 'The snapshot is being taken.',
  available: 'The snapshot is ready.',
  'backing-up': 'The snapshot is being backed up.',
  deleting: 'The snapshot is being deleted.',
  error: 'The snapshot could not be taken.',
  deleted: 'The snapshot is deleted.',
  unmanaging: 'The snapshot is no longer managed.',
  restoring: 'A volume is being restored from the snapshot.',
  error_deleting: 'The snapshot could not be deleted.',
} as const;

/** A snapshot as the guide names it. A row of the short list lacks `progress` and `projectId`. */
export interface Snapshot {
  readonly region: Region;
  readonly uuid: string;
  readonly name: string | null;
  readonly description: string | null;
  /** The upstream's own word, also one that the guide does not know. */
  readonly status: string | null;
  /** Gigabytes: the size of the volume it was taken from. */
  readonly size: number | null;
  /** UTC text with six digits of a second. */
  readonly createdAt: string | null;
  readonly metadata: Wire | null;
  readonly volumeUuid: string | null;
  /** Such as `100%`. */
  readonly progress: string | null;
  /** The tenant. */
  readonly projectId: string | null;
}

/** What a snapshot is created from. A member left out is left out upstream too. */
export interface SnapshotInput {
  readonly volumeUuid: string;
  readonly name?: string | undefined;
  readonly description?: string | undefined;
  /** Also of a volume that is attached. */
  readonly force?: boolean | undefined;
}

/** What snapshots are sorted by: the columns behind the shown names (FACTS 22). */
export function snapshotKey(key: string, snapshot: Snapshot): KeyValue {
  switch (key) {
    case 'display_name':
      return snapshot.name;
    case 'created_at':
      return snapshot.createdAt;
    case 'volume_size':
      return snapshot.size;
    case 'status':
      return snapshot.status;
    default:
      return snapshot.uuid;
  }
}

/** Guide: "List Snapshots": all but progress and project. */
export function listSnapshots(client: Client, query: PageQuery): Promise<ReadPage<Snapshot>> {
  return readPage(client, snapshots, query);
}

/** Guide: "List Snapshots with Details". */
export function listSnapshotsDetail(client: Client, query: PageQuery): Promise<ReadPage<Snapshot>> {
  return readPage(client, snapshots, query, '/snapshots/detail');
}

/** Guide: "View Snapshot". Null when there is none. */
export function getSnapshot(client: Client, uuid: string): Promise<Snapshot | null> {
  return readOne(client, snapshots, uuid);
}

export const followableSnapshot = createFollowable<Snapshot>('snapshot', getSnapshot, {
  name: true,
  description: true,
  status: true,
  size: true,
  createdAt: true,
  metadata: true,
  volumeUuid: true,
  progress: true,
  projectId: true,
});

/** Guide: "Create Snapshot". Answers at once with a snapshot in `creating` (FACTS 27). */
export async function createSnapshot(client: Writer, input: SnapshotInput): Promise<Snapshot> {
  const answer = await client.send('POST', '/snapshots', {
    snapshot: {
      volume_id: input.volumeUuid,
      name: input.name,
      description: input.description,
      force: input.force,
    },
  });
  // The create answer does not name the project (FACTS 11): it is the tenant the snapshot was created for.
  const projectId = { 'os-extended-snapshot-attributes:project_id': client.tenant() };
  const snapshot = decodeCreated(client, snapshots, answer, projectId);
  if (snapshot.volumeUuid !== null && snapshot.volumeUuid !== input.volumeUuid)
    throw answer.disown('a snapshot of another volume');
  return snapshot;
}

/** Guide: "Delete Snapshots". Done when the snapshot is gone; until then it is `deleting`. */
export async function deleteSnapshot(client: Writer, uuid: string): Promise<void> {
  await deleteOne(client, snapshots, uuid);
}

const snapshots: Resource<Snapshot> = {
  path: '/snapshots',
  member: 'snapshot',
  decode: (wire, uuid, client) => new DecodedSnapshot(wire, uuid, client),
  tenantMember: 'os-extended-snapshot-attributes:project_id',
};

/** Reads every field that the guide names and no other, each when it is asked for: a list of thousands is asked for few. */
class DecodedSnapshot implements Snapshot {
  readonly uuid: string;
  readonly #wire: Wire;
  readonly #client: Client;
  #createdAt: string | null = null;

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
  get description() {
    return decodeName(this.#wire.description);
  }
  get status() {
    return decodeText(this.#wire.status);
  }
  get size() {
    return decodeInteger(this.#wire.size);
  }
  get createdAt() {
    // Lists are sorted by it.
    this.#createdAt ??= decodeTime(this.#wire.created_at);
    return this.#createdAt;
  }
  get metadata() {
    return decodeObject(this.#wire.metadata);
  }
  get volumeUuid() {
    return decodeUuid(this.#wire.volume_id);
  }
  get progress() {
    return decodeText(this.#wire['os-extended-snapshot-attributes:progress']);
  }
  get projectId() {
    return decodeText(this.#wire['os-extended-snapshot-attributes:project_id']);
  }
}
