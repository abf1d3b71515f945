import type { Client } from '../block-storage/client.ts';
import { createSnapshotLoaders, type SnapshotLoaders } from './snapshot.ts';
import { createVolumeLoaders, type VolumeLoaders } from './volume.ts';
import { createVolumeTypeLoaders, type VolumeTypeLoaders } from './volume-type.ts';

/** Everything that one request reads of one region: each thing at most once. Most requests read few kinds of things. */
export class Loaders {
  readonly #client: Client;
  #volumes: VolumeLoaders | null = null;
  #snapshots: SnapshotLoaders | null = null;
  #volumeTypes: VolumeTypeLoaders | null = null;

  constructor(client: Client) {
    this.#client = client;
  }

  get volumes(): VolumeLoaders {
    this.#volumes ??= createVolumeLoaders(this.#client);
    return this.#volumes;
  }

  get snapshots(): SnapshotLoaders {
    this.#snapshots ??= createSnapshotLoaders(this.#client);
    return this.#snapshots;
  }

  get volumeTypes(): VolumeTypeLoaders {
    this.#volumeTypes ??= createVolumeTypeLoaders(this.#client);
    return this.#volumeTypes;
  }
}
