import DataLoader from 'dataloader';
import type { Client } from '../block-storage/client.ts';
import { BlockStorageError } from '../block-storage/error.ts';
import { maxLimit, type Page, type PageQuery, scan } from '../block-storage/page.ts';
import { getSnapshot, listSnapshots, listSnapshotsDetail, type Snapshot } from '../block-storage/snapshot.ts';
import { manyIds, maxScannedRows, remember, settle } from './batch.ts';

export interface SnapshotLoaders {
  /** Null where there is none. */
  readonly snapshotById: DataLoader<string, Snapshot | null>;
  /** All snapshots of a volume, in no promised order. */
  readonly snapshotsByVolumeId: DataLoader<string, readonly Snapshot[]>;
  readonly snapshotPage: (query: PageQuery) => Promise<Page<Snapshot>>;
  /** Rows without progress and project. */
  readonly snapshotShortPage: (query: PageQuery) => Promise<Page<Snapshot>>;
  /** Starts reading all snapshots, so that `snapshotsByVolumeId` finds them there: for lists of volumes. */
  readonly readAllSnapshots: () => void;
}

export function createSnapshotLoaders(client: Client): SnapshotLoaders {
  const seen = new Map<string, Snapshot>();
  let all: Promise<Map<string | null, Snapshot[]>> | null = null;

  const snapshotPage = remember(async (query: PageQuery) => {
    const page = await listSnapshotsDetail(client, query);
    for (const snapshot of page.rows) seen.set(snapshot.uuid, snapshot);
    return page;
  });

  async function readAll() {
    const snapshots: Snapshot[] = [];
    for await (const rows of scan(snapshotPage, { limit: maxLimit }, client.region.code)) {
      snapshots.push(...rows);
      if (snapshots.length > maxScannedRows) throw tooMany(client.region.code);
    }
    return Map.groupBy(snapshots, ({ volumeUuid }) => volumeUuid);
  }

  async function readOfVolume(volumeId: string) {
    const snapshots: Snapshot[] = [];
    for await (const rows of scan(snapshotPage, { limit: maxLimit, volumeId }, client.region.code)) {
      // The guide promises no such filter: where it is ignored, all snapshots come and these are picked out.
      snapshots.push(...rows.filter(({ volumeUuid }) => volumeUuid === volumeId));
    }
    return snapshots;
  }

  return {
    snapshotById: new DataLoader<string, Snapshot | null>(async (uuids) => {
      const unseen = uuids.filter((uuid) => !seen.has(uuid));
      if (unseen.length >= manyIds) await snapshotPage({ limit: maxLimit });
      return settle(uuids, async (uuid) => seen.get(uuid) ?? getSnapshot(client, uuid));
    }),
    snapshotsByVolumeId: new DataLoader<string, readonly Snapshot[]>(async (volumeIds) => {
      if (volumeIds.length >= manyIds) all ??= readAll();
      if (!all) return settle(volumeIds, readOfVolume);
      const byVolume = await all;
      return volumeIds.map((volumeId) => byVolume.get(volumeId) ?? []);
    }),
    snapshotPage,
    snapshotShortPage: remember((query: PageQuery) => listSnapshots(client, query)),
    readAllSnapshots() {
      all ??= readAll();
      // Whoever needs a snapshot gets the rejection.
      all.catch(() => {});
    },
  };
}

function tooMany(region: string): BlockStorageError {
  const message = `Region ${region} has more than ${maxScannedRows} snapshots. Ask for those of fewer than ${manyIds} volumes at once.`;
  return new BlockStorageError('QUERY_TOO_COMPLEX', message, { region });
}
