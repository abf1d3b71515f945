import type { Client } from '../block-storage/client.ts';
import { createSnapshotLoaders, type SnapshotLoaders } from './snapshot.ts';
import { createVolumeLoaders, type VolumeLoaders } from './volume.ts';
import { createVolumeTypeLoaders, type VolumeTypeLoaders } from './volume-type.ts';

/** Everything that one request reads of one region: each thing at most once. */
export interface Loaders extends VolumeLoaders, SnapshotLoaders, VolumeTypeLoaders {}

export function createLoaders(client: Client): Loaders {
  return {
    ...createVolumeLoaders(client),
    ...createSnapshotLoaders(client),
    ...createVolumeTypeLoaders(client),
  };
}
