import { overQuota } from './error.ts';
import type { Region } from './region.ts';

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
