import type { Client, Writer } from '../../src/block-storage/client.ts';
import { decodeInteger, decodeName, decodeText, decodeTime, decodeUuid } from '../../src/block-storage/decode.ts';
import { createFollowable } from '../../src/block-storage/followable.ts';
import type { KeyValue } from '../../src/block-storage/order.ts';
import { deleteOne, type PageQuery, type ReadPage, readOne, readPage } from '../../src/block-storage/page.ts';
import { createResource } from '../../src/block-storage/resource.ts';
import { Row } from '../../src/block-storage/row.ts';

/** Cinder's statuses of a backup. */
export const backupStatuses = {
  creating: 'The backup is being made.',
  available: 'The backup is ready.',
  restoring: 'A volume is being restored from the backup.',
  deleting: 'The backup is being deleted.',
  error: 'The backup could not be made.',
} as const;

/** A backup. A row of the short list has only `uuid` and `name`; the rest is null. */
export class Backup extends Row {
  get name() {
    return decodeName(this.wire.name);
  }
  get status() {
    return decodeText(this.wire.status);
  }
  /** Gigabytes. */
  get size() {
    return decodeInteger(this.wire.size);
  }
  get createdAt() {
    return decodeTime(this.wire.created_at);
  }
  get volumeUuid() {
    return decodeUuid(this.wire.volume_id);
  }
}

export function backupKey(key: string, backup: Backup): KeyValue {
  return key === 'created_at' ? backup.createdAt : backup.uuid;
}

export function listBackups(client: Client, query: PageQuery): Promise<ReadPage<Backup>> {
  return readPage(client, backups, query);
}

export function listBackupsDetail(client: Client, query: PageQuery): Promise<ReadPage<Backup>> {
  return readPage(client, backups, query, '/backups/detail');
}

/** Null when there is none. */
export function getBackup(client: Client, uuid: string): Promise<Backup | null> {
  return readOne(client, backups, uuid);
}

/** Done when the backup is gone; until then it is `deleting`. */
export async function deleteBackup(client: Writer, uuid: string): Promise<void> {
  await deleteOne(client, backups, uuid);
}

export const followableBackup = createFollowable('backup', getBackup, Backup);

const backups = createResource({ path: '/backups', member: 'backup', row: Backup });
