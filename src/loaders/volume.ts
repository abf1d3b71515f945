import type { Client } from '../block-storage/client.ts';
import { newestFirst, type Order } from '../block-storage/order.ts';
import { maxLimit, maxRows } from '../block-storage/page.ts';
import { getVolume, listVolumes, listVolumesDetail, type Volume, volumeKey } from '../block-storage/volume.ts';
import { walk } from '../block-storage/walk.ts';
import type { Walkable } from '../block-storage/walkable.ts';
import { type Calls, type Rows, readRows } from './rows.ts';

export interface VolumeLoaders extends Rows<Volume> {
  /** The rows of the short list have only `uuid`, `name` and `links`. */
  readonly short: (order: Order) => Walkable<Volume>;
  /** Reads all volumes, so that `byId` finds them there: for lists whose every row names one. */
  readonly readAll: () => Promise<unknown>;
}

export function createVolumeLoaders(client: Client): VolumeLoaders {
  let all: Promise<void> | null = null;
  const { byId, detailed, short } = readRows(client, calls, () => all);

  // What lies beyond the bound is read singly.
  async function readUpToBound() {
    let count = 0;
    for await (const { rows } of walk(detailed(newestFirst), { limit: maxLimit })) {
      count += rows.length;
      if (count >= maxRows) return;
    }
  }

  return {
    byId,
    detailed,
    short: (order) => ({
      ...short(order),
      keyOf: shortKey,
      keysOf: (volume) => order.map(({ key }) => shortKey(key, volume)),
      detailed: detailed(order),
    }),
    readAll() {
      all ??= readUpToBound();
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
