import type DataLoader from 'dataloader';
import type { Client } from '../block-storage/client.ts';
import { newestFirst, type Order } from '../block-storage/order.ts';
import { maxLimit, maxRows } from '../block-storage/page.ts';
import { getVolume, listVolumes, listVolumesDetail, type Volume, volumeKey } from '../block-storage/volume.ts';
import { walk } from '../block-storage/walk.ts';
import type { Walkable } from '../block-storage/walkable.ts';
import { type Calls, readRows } from './rows.ts';

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
  let all: Promise<void> | null = null;
  const { byId, detailed, short } = readRows(client, calls, () => all);

  // What lies beyond the bound is read singly.
  async function readAll() {
    let count = 0;
    for await (const { rows } of walk(detailed(newestFirst), { limit: maxLimit })) {
      count += rows.length;
      if (count >= maxRows) return;
    }
  }

  return {
    volumeById: byId,
    volumes: detailed,
    shortVolumes: (order) => ({
      ...short(order),
      keyOf: shortKey,
      keysOf: (volume) => order.map(({ key }) => shortKey(key, volume)),
      detailed: detailed(order),
    }),
    readAllVolumes() {
      all ??= readAll();
      return all;
    },
  };
}

const calls: Calls<Volume> = { listDetail: listVolumesDetail, list: listVolumes, get: getVolume, keyOf: volumeKey };

const shownInShort = new Set(['name', 'id']);

/** The value of a row of the short list, which has no time. */
function shortKey(key: string, volume: Volume) {
  return shownInShort.has(key) || volume.createdAt !== null ? volumeKey(key, volume) : undefined;
}
