import type { SnapshotStatus, VolumeStatus } from './__generated__/documents.ts';

/** How a status is to be taken: all is well, in use, something goes on by itself, or something went wrong. */
export type Tone = 'ready' | 'active' | 'busy' | 'failed';

const volumeTones: Readonly<Record<VolumeStatus, Tone>> = {
  AVAILABLE: 'ready',
  IN_USE: 'active',
  RESERVED: 'active',
  AWAITING_TRANSFER: 'active',
  ATTACHING: 'busy',
  BACKING_UP: 'busy',
  CREATING: 'busy',
  DELETING: 'busy',
  DETACHING: 'busy',
  DOWNLOADING: 'busy',
  EXTENDING: 'busy',
  MAINTENANCE: 'busy',
  RESTORING_BACKUP: 'busy',
  RETYPING: 'busy',
  UPLOADING: 'busy',
  ERROR: 'failed',
  ERROR_BACKING_UP: 'failed',
  ERROR_DELETING: 'failed',
  ERROR_EXTENDING: 'failed',
  ERROR_RESTORING: 'failed',
  UNKNOWN: 'active',
};

const snapshotTones: Readonly<Record<SnapshotStatus, Tone>> = {
  AVAILABLE: 'ready',
  BACKING_UP: 'busy',
  CREATING: 'busy',
  DELETING: 'busy',
  RESTORING: 'busy',
  UNMANAGING: 'busy',
  DELETED: 'active',
  ERROR: 'failed',
  ERROR_DELETING: 'failed',
  UNKNOWN: 'active',
};

export const toneOf: Readonly<Record<VolumeStatus | SnapshotStatus, Tone>> = { ...volumeTones, ...snapshotTones };

// Object.keys forgets of what type the keys are.
export const volumeStatuses = Object.keys(volumeTones) as VolumeStatus[];

/** Here a volume stays until somebody does something: what was begun has come to its end. */
export const settledVolume = volumeStatuses.filter((status) => volumeTones[status] !== 'busy');

/** The same of a snapshot; the cast for the same reason, too. */
export const settledSnapshot = (Object.keys(snapshotTones) as SnapshotStatus[]).filter(
  (status) => snapshotTones[status] !== 'busy',
);
