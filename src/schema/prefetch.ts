import { manyIds } from '../block-storage/page.ts';
import type { Loaders } from '../context.ts';
import type { Selection } from './selection.ts';

/*
 * Fetching beside a parent what its fields will ask for, instead of after it. Each function only starts reads; the
 * resolvers of the fields ask the same loaders again, and get their outcome or their error.
 */

/** Beside a list of volumes. */
export function prefetchForVolumes(loaders: Loaders, selection: Selection): void {
  if (selection.fields.has('volumeType')) start(loaders.volumeTypes());
  if (!selection.fields.has('snapshots')) return;
  loaders.readAllSnapshots();
  // The volumes of these snapshots are the ones of the list.
  const snapshots = selection.below('snapshots', 'SnapshotConnection').nodes('Snapshot');
  prefetchForVolumes(loaders, snapshots.below('volume', 'Volume'));
}

/** Beside one volume. */
export function prefetchForVolume(loaders: Loaders, uuid: string, selection: Selection): void {
  if (selection.fields.has('volumeType')) start(loaders.volumeTypes());
  if (selection.fields.has('snapshots')) start(loaders.snapshotsByVolumeId.load(uuid));
}

/** Beside a list of so many snapshots. */
export function prefetchForSnapshots(loaders: Loaders, selection: Selection, count: number): void {
  if (!selection.fields.has('volume')) return;
  if (count >= manyIds) loaders.readAllVolumes();
  prefetchForSnapshot(loaders, selection);
}

/** Beside one snapshot. */
export function prefetchForSnapshot(loaders: Loaders, selection: Selection): void {
  const volume = selection.below('volume', 'Volume');
  if (volume.fields.has('volumeType')) start(loaders.volumeTypes());
  if (volume.fields.has('snapshots')) loaders.readAllSnapshots();
}

function start(read: Promise<unknown>): void {
  // Who asks for it gets the rejection; one that nobody asks for must not end the process.
  read.catch(() => {});
}
