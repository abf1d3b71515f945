import type { Client, Writer } from './client.ts';
import { decodeInteger, decodeName, decodeObject, decodeText, decodeTime, decodeUuid } from './decode.ts';
import { createFollowable, createFollowableList } from './followable.ts';
import type { KeyValue } from './order.ts';
import { decodeCreated, deleteOne, type PageQuery, type ReadPage, readOne, readPage } from './page.ts';
import { createResource } from './resource.ts';
import { Row } from './row.ts';

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
export class Snapshot extends Row {
  #createdAt: string | null = null;

  get name() {
    return decodeName(this.wire.name);
  }
  get description() {
    return decodeName(this.wire.description);
  }
  /** The upstream's own word, also one that the guide does not know. */
  get status() {
    return decodeText(this.wire.status);
  }
  /** Gigabytes: the size of the volume it was taken from. */
  get size() {
    return decodeInteger(this.wire.size);
  }
  /** UTC text with six digits of a second. Decoded once, because lists are sorted by it. */
  get createdAt() {
    this.#createdAt ??= decodeTime(this.wire.created_at);
    return this.#createdAt;
  }
  get metadata() {
    return decodeObject(this.wire.metadata);
  }
  get volumeUuid() {
    return decodeUuid(this.wire.volume_id);
  }
  /** Such as `100%`. */
  get progress() {
    return decodeText(this.wire['os-extended-snapshot-attributes:progress']);
  }
  /** The tenant. */
  get projectId() {
    return decodeText(this.wire[tenantMember]);
  }
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

export const followableSnapshot = createFollowable('snapshot', getSnapshot, Snapshot);

export const followableSnapshots = createFollowableList(followableSnapshot, {
  listDetail: listSnapshotsDetail,
  keyOf: snapshotKey,
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
  const snapshot = decodeCreated(client, snapshots, answer, { [tenantMember]: client.tenant() });
  if (snapshot.volumeUuid !== null && snapshot.volumeUuid !== input.volumeUuid)
    throw answer.disown('a snapshot of another volume');
  return snapshot;
}

/** Guide: "Delete Snapshots". Done when the snapshot is gone; until then it is `deleting`. */
export async function deleteSnapshot(client: Writer, uuid: string): Promise<void> {
  await deleteOne(client, snapshots, uuid);
}

/** The wire member that names a snapshot's tenant. */
const tenantMember = 'os-extended-snapshot-attributes:project_id';

const snapshots = createResource({ path: '/snapshots', member: 'snapshot', row: Snapshot, tenantMember });
