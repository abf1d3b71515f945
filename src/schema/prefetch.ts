import { manyIds } from '../block-storage/page.ts';
import type { Loaders } from '../context.ts';
import type { Selection } from './selection.ts';

/*
 * Fetching beside a parent what its fields will ask for, instead of after it. Each function resolves when all of it is
 * there or has failed, and never rejects; the resolvers of the fields ask the same loaders again, and get the value or the
 * error.
 */

/** Beside a list of volumes. */
export async function prefetchForVolumes(loaders: Loaders, selection: Selection): Promise<void> {
  const reads: unknown[] = [];
  if (selection.fields.has('volumeType')) reads.push(loaders.volumeTypes.all());
  if (selection.fields.has('snapshots')) {
    reads.push(loaders.snapshots.readAll());
    // The volumes of these snapshots are the ones of the list.
    const snapshots = selection.below('snapshots', 'SnapshotConnection').nodes('Snapshot');
    reads.push(prefetchForVolumes(loaders, snapshots.below('volume', 'Volume')));
  }
  await Promise.allSettled(reads);
}

/** Beside one volume. */
export async function prefetchForVolume(loaders: Loaders, selection: Selection, uuid: string): Promise<void> {
  const reads: unknown[] = [];
  if (selection.fields.has('volumeType')) reads.push(loaders.volumeTypes.all());
  if (selection.fields.has('snapshots')) reads.push(loaders.snapshots.of(uuid));
  if (reads.length > 0) await Promise.allSettled(reads);
}

/** Beside a list of so many snapshots. */
export async function prefetchForSnapshots(loaders: Loaders, selection: Selection, count: number): Promise<void> {
  if (!selection.fields.has('volume')) return;
  await Promise.allSettled([
    ...(count >= manyIds ? [loaders.volumes.readAll()] : []),
    prefetchForSnapshot(loaders, selection),
  ]);
}

/** Beside one snapshot. */
export async function prefetchForSnapshot(loaders: Loaders, selection: Selection): Promise<void> {
  const volume = selection.below('volume', 'Volume');
  const reads: unknown[] = [];
  if (volume.fields.has('volumeType')) reads.push(loaders.volumeTypes.all());
  if (volume.fields.has('snapshots')) reads.push(loaders.snapshots.readAll());
  await Promise.allSettled(reads);
}
