import DataLoader from 'dataloader';
import type { Client } from '../block-storage/client.ts';
import { newestFirst, type Order } from '../block-storage/order.ts';
import { maxLimit, maxRows } from '../block-storage/page.ts';
import { getVolume, listVolumes, listVolumesDetail, type Volume, volumeKey } from '../block-storage/volume.ts';
import { walk } from '../block-storage/walk.ts';
import type { Walkable } from '../block-storage/walkable.ts';
import { keepPages, readByIds } from './batch.ts';

export interface VolumeLoaders {
  /** Null where there is none. */
  readonly volumeById: DataLoader<string, Volume | null>;
  readonly volumes: (order: Order) => Walkable<Volume>;
  /** The short list: its rows have only `uuid`, `name` and `links`. */
  readonly shortVolumes: (order: Order) => Walkable<Volume>;
  /** Reads all volumes, so that `volumeById` finds them there: for lists whose every row names one. */
  readonly readAllVolumes: () => Promise<unknown>;
}

export function createVolumeLoaders(client: Client): VolumeLoaders {
  const { region } = client;
  const pages = keepPages((query) => listVolumesDetail(client, query), client.breathe);
  const shortPages = keepPages((query) => listVolumes(client, query), client.breathe);
  let all: Promise<void> | null = null;

  // A replica that lags may not find a row that is there.
  const readRow = async (uuid: string) => (await volumeById.load(uuid)) ?? getVolume(client, uuid);

  const volumes = (order: Order): Walkable<Volume> => ({
    region,
    read: pages.read,
    breathe: client.breathe,
    order,
    keysOf: (volume) => order.map(({ key }) => volumeKey(key, volume)),
    readRow,
  });

  // What lies beyond the bound is read singly.
  async function readAll() {
    let count = 0;
    for await (const { rows } of walk(volumes(newestFirst), { limit: maxLimit })) {
      count += rows.length;
      if (count >= maxRows) return;
    }
  }

  const readVolumes = readByIds(
    pages.rows,
    () => walk(volumes(newestFirst), { limit: maxLimit }),
    (uuid) => getVolume(client, uuid),
    region,
  );

  const volumeById = new DataLoader<string, Volume | null>(async (uuids) => {
    // If it has failed, the batch function learns so itself.
    if (all) await all.catch(() => {});
    return readVolumes(uuids);
  });

  return {
    volumeById,
    volumes,
    shortVolumes: (order) => ({
      region,
      read: shortPages.read,
      breathe: client.breathe,
      order,
      // A short row has no time.
      keysOf: (volume) =>
        order.map(({ key }) =>
          shownInShort.has(key) || volume.createdAt !== null ? volumeKey(key, volume) : undefined,
        ),
      readRow,
      detailed: volumes(order),
    }),
    readAllVolumes() {
      all ??= readAll();
      return all;
    },
  };
}

const shownInShort = new Set(['name', 'id']);
