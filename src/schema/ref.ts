import type { Attachment } from '../block-storage/attachment.ts';
import type { Snapshot } from '../block-storage/snapshot.ts';
import type { Volume } from '../block-storage/volume.ts';
import type { VolumeType } from '../block-storage/volume-type.ts';
import type { Region } from '../regions.ts';
import { builder } from './builder.ts';

/*
 * The object types that refer to each other, named here so that no two files import each other. Each is described in
 * the file of its name.
 */

export const RegionRef = builder.objectRef<Region>('Region');
export const VolumeRef = builder.objectRef<Volume>('Volume');
export const SnapshotRef = builder.objectRef<Snapshot>('Snapshot');
export const VolumeTypeRef = builder.objectRef<VolumeType>('VolumeType');
export const AttachmentRef = builder.objectRef<Attachment>('Attachment');
