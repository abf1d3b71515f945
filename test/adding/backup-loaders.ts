import type { Client } from '../../src/block-storage/client.ts';
import { readRows } from '../../src/loaders/rows.ts';
import { backupKey, getBackup, listBackups, listBackupsDetail } from './backup.ts';

/** What one request reads of the backups of one region, each thing once. */
export function createBackupLoaders(client: Client) {
  return readRows(client, { list: listBackups, listDetail: listBackupsDetail, get: getBackup, keyOf: backupKey });
}
