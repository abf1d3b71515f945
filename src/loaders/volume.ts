import DataLoader from 'dataloader';
import type { Client } from '../block-storage/client.ts';
import { maxLimit, type Page, type PageQuery, scan } from '../block-storage/page.ts';
import { getVolume, listVolumes, listVolumesDetail, type Volume } from '../block-storage/volume.ts';
import { manyIds, maxScannedRows, remember, settle } from './batch.ts';

export interface VolumeLoaders {
  /** Null where there is none. */
  readonly volumeById: DataLoader<string, Volume | null>;
  readonly volumePage: (query: PageQuery) => Promise<Page<Volume>>;
  /** Rows with only `uuid`, `name` and `links`. */
  readonly volumeShortPage: (query: PageQuery) => Promise<Page<Volume>>;
  /** Starts reading all volumes, so that `volumeById` finds them there: for lists whose every row names one. */
  readonly readAllVolumes: () => void;
}

export function createVolumeLoaders(client: Client): VolumeLoaders {
  const seen = new Map<string, Volume>();
  let all: Promise<void> | null = null;

  const volumePage = remember(async (query: PageQuery) => {
    const page = await listVolumesDetail(client, query);
    for (const volume of page.rows) seen.set(volume.uuid, volume);
    return page;
  });

  // Beyond the bound volumes are read singly.
  async function readAll() {
    let count = 0;
    for await (const rows of scan(volumePage, { limit: maxLimit }, client.region.code)) {
      count += rows.length;
      if (count >= maxScannedRows) return;
    }
  }

  return {
    volumeById: new DataLoader<string, Volume | null>(async (uuids) => {
      const unseen = uuids.filter((uuid) => !seen.has(uuid));
      if (all) await all;
      else if (unseen.length >= manyIds) await volumePage({ limit: maxLimit });
      return settle(uuids, async (uuid) => seen.get(uuid) ?? getVolume(client, uuid));
    }),
    volumePage,
    volumeShortPage: remember((query: PageQuery) => listVolumes(client, query)),
    readAllVolumes() {
      all ??= readAll();
      // Whoever needs a volume gets the rejection.
      all.catch(() => {});
    },
  };
}
