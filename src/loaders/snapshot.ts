import DataLoader from 'dataloader';
import type { Client } from '../block-storage/client.ts';
import { BlockStorageError } from '../block-storage/error.ts';
import { newestFirst, type Order } from '../block-storage/order.ts';
import { manyIds, maxLimit, maxRows } from '../block-storage/page.ts';
import {
  getSnapshot,
  listSnapshots,
  listSnapshotsDetail,
  type Snapshot,
  snapshotKey,
} from '../block-storage/snapshot.ts';
import { walk } from '../block-storage/walk.ts';
import type { Walkable } from '../block-storage/walkable.ts';
import { settle } from './batch.ts';
import { lazily } from './lazily.ts';
import { readOnce } from './once.ts';
import { type Calls, type Rows, readRows } from './rows.ts';

export interface SnapshotLoaders extends Rows<Snapshot> {
  /** All snapshots of a volume, in no promised order; at once where all were read. */
  readonly of: (volumeId: string) => readonly Snapshot[] | Promise<readonly Snapshot[]>;
  /** The rows of the short list lack progress and project. */
  readonly short: (order: Order) => Walkable<Snapshot>;
  /** Reads all snapshots, so that `of` finds them there: for lists of volumes. */
  readonly readAll: () => unknown;
}

export function createSnapshotLoaders(client: Client): SnapshotLoaders {
  const { byId, detailed, short } = readRows(client, calls);
  const list = lazily(() => detailed(newestFirst));
  const all = readOnce(() => readAll(client, list()));
  const readOf = (volumeId: string) => readOfVolume(list(), volumeId);

  async function readBatch(volumeIds: readonly string[]): Promise<(readonly Snapshot[] | Error)[]> {
    const areMany = volumeIds.length >= manyIds;
    if (!areMany && !all.isStarted()) return settle(volumeIds, readOf);
    try {
      const byVolume = await all.get();
      return volumeIds.map((volumeId) => byVolume.get(volumeId) ?? []);
    } catch (error) {
      // Where they cannot be read all together, those of few volumes can still be asked for.
      if (areMany) throw error;
      return settle(volumeIds, readOf);
    }
  }

  const byVolumeId = lazily(() => new DataLoader(readBatch));

  return {
    byId,
    of(volumeId) {
      const known = all.isStarted() ? all.get() : null;
      return known instanceof Map ? (known.get(volumeId) ?? []) : byVolumeId().load(volumeId);
    },
    detailed,
    short,
    readAll: () => all.get(),
  };
}

const calls: Calls<Snapshot> = {
  listDetail: listSnapshotsDetail,
  list: listSnapshots,
  get: getSnapshot,
  keyOf: snapshotKey,
};

/** All snapshots, by volume. */
async function readAll(
  { region, breathe }: Client,
  list: Walkable<Snapshot>,
): Promise<Map<string | null, readonly Snapshot[]>> {
  const snapshots: Snapshot[] = [];
  for await (const { rows } of walk(list, { limit: maxLimit })) {
    for (const row of rows) snapshots.push(row);
    if (snapshots.length > maxRows) throw tooMany(region);
  }
  const pause = breathe(snapshots.length);
  if (pause) await pause;
  return Map.groupBy(snapshots, ({ volumeUuid }) => volumeUuid);
}

async function readOfVolume(list: Walkable<Snapshot>, volumeId: string): Promise<readonly Snapshot[]> {
  const snapshots: Snapshot[] = [];
  for await (const { rows } of walk(list, { limit: maxLimit, volumeId })) {
    // The guide promises no such filter: where it is ignored, all snapshots come and these are picked out.
    for (const row of rows) if (row.volumeUuid === volumeId) snapshots.push(row);
  }
  return snapshots;
}

function tooMany(region: Client['region']): BlockStorageError {
  const message = `Region ${region.enumName} has more than ${maxRows} snapshots. Ask for those of fewer than ${manyIds} volumes at once.`;
  return new BlockStorageError('QUERY_TOO_COMPLEX', message, { region });
}
