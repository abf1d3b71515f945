import type { Client } from '../block-storage/client.ts';
import type { PageQuery } from '../block-storage/page.ts';
import { listVolumeTypes, type VolumeType } from '../block-storage/volume-type.ts';
import { readWhole } from '../block-storage/walk.ts';

export interface VolumeTypeLoaders {
  /** The whole list, by name, then id; read once. */
  readonly volumeTypes: () => Promise<readonly VolumeType[]>;
  /** Null where there is none. A type is looked for in the list: the guide has no call for a single one. */
  readonly volumeTypeById: (uuid: string) => Promise<VolumeType | null>;
  /** Volumes name their type by its name (FACTS 13). */
  readonly volumeTypeByName: (name: string) => Promise<VolumeType | null>;
}

export function createVolumeTypeLoaders(client: Client): VolumeTypeLoaders {
  let list: Promise<readonly VolumeType[]> | null = null;

  async function readAll() {
    const read = (query: PageQuery) => listVolumeTypes(client, query);
    const types = await readWhole({ region: client.region.code, read }, {});
    return types.sort(byNameThenId);
  }

  const volumeTypes = () => {
    list ??= readAll();
    return list;
  };

  return {
    volumeTypes,
    volumeTypeById: async (uuid) => (await volumeTypes()).find((type) => type.uuid === uuid) ?? null,
    volumeTypeByName: async (name) => (await volumeTypes()).find((type) => type.name === name) ?? null,
  };
}

function byNameThenId(a: VolumeType, b: VolumeType): number {
  const [nameA, nameB] = [a.name ?? '', b.name ?? ''];
  return nameA < nameB ? -1 : nameA > nameB ? 1 : a.uuid < b.uuid ? -1 : 1;
}
