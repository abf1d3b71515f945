import type { Client } from '../block-storage/client.ts';
import type { PageQuery } from '../block-storage/page.ts';
import { listVolumeTypes, type VolumeType } from '../block-storage/volume-type.ts';
import { readWhole } from '../block-storage/whole.ts';
import { readOnce } from './once.ts';

export interface VolumeTypeLoaders {
  /** The whole list, by name, then id; read once. */
  readonly all: () => Promise<readonly VolumeType[]>;
  /** Null where there is none. A type is looked for in the list: the guide has no call for a single one. */
  readonly byId: (uuid: string) => Promise<VolumeType | null>;
  /** Volumes name their type by its name (FACTS 13). */
  readonly byName: (name: string) => VolumeType | null | Promise<VolumeType | null>;
}

export function createVolumeTypeLoaders(client: Client): VolumeTypeLoaders {
  const list = readOnce(readAll);

  async function readAll() {
    const read = (query: PageQuery) => listVolumeTypes(client, query);
    const types = await readWhole({ region: client.region, read, breathe: client.breathe }, {});
    return types.sort(byNameThenId);
  }

  const named = (types: readonly VolumeType[], name: string) => types.find((type) => type.name === name) ?? null;

  return {
    all: async () => list.get(),
    byId: async (uuid) => (await list.get()).find((type) => type.uuid === uuid) ?? null,
    byName(name) {
      const types = list.get();
      return types instanceof Promise ? types.then((types) => named(types, name)) : named(types, name);
    },
  };
}

function byNameThenId(a: VolumeType, b: VolumeType): number {
  const [nameA, nameB] = [a.name ?? '', b.name ?? ''];
  return nameA < nameB ? -1 : nameA > nameB ? 1 : a.uuid < b.uuid ? -1 : 1;
}
