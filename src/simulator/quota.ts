import type { Region } from './call.ts';
import { overQuota } from './refusal.ts';

/** What a tenant may have in one region; snapshots count towards `gigabytes` too. */
export interface Quota {
  readonly volumes: number;
  readonly snapshots: number;
  readonly gigabytes: number;
}

export const DEFAULT_QUOTA: Quota = { volumes: 1000, snapshots: 1000, gigabytes: 100_000 };

/** Refuses one more volume or snapshot of the given size in GB when it exceeds the quota; gigabytes go first (FACTS 4). */
export function reserve(region: Region, tenant: string, noun: 'volumes' | 'snapshots', size: number): void {
  const quota = region.quota(tenant);
  const volumes = region.store.volumes(tenant);
  const snapshots = region.store.snapshots(tenant);
  const consumed = [...volumes, ...snapshots].reduce((sum, row) => sum + row.size, 0);
  if (consumed + size > quota.gigabytes) {
    throw overQuota(
      'VolumeSizeExceedsAvailableQuota: Requested volume or snapshot exceeds allowed gigabytes quota. ' +
        `Requested ${size}G, quota is ${quota.gigabytes}G and ${consumed}G has been consumed.`,
    );
  }
  if (noun === 'volumes' && volumes.length >= quota.volumes) {
    throw overQuota(
      `VolumeLimitExceeded: Maximum number of volumes allowed (${quota.volumes}) exceeded for quota 'volumes'.`,
    );
  }
  if (noun === 'snapshots' && snapshots.length >= quota.snapshots) {
    throw overQuota(`SnapshotLimitExceeded: Maximum number of snapshots allowed (${quota.snapshots}) exceeded`);
  }
}
