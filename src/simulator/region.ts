import type { Store } from './store.ts';

/** What a tenant may have in one region; snapshots count towards `gigabytes` too. */
export interface Quota {
  readonly volumes: number;
  readonly snapshots: number;
  readonly gigabytes: number;
}

export const DEFAULT_QUOTA: Quota = { volumes: 1000, snapshots: 1000, gigabytes: 100_000 };

/** What the handlers know of the region that they answer for. */
export interface Region {
  readonly code: string;
  readonly store: Store;
  /** `osapi_max_limit`: the longest page (FACTS 17). */
  readonly maxLimit: number;
  readonly extraSpecs: boolean;
  readonly stock: boolean;
  readonly changeAfterMs: number;
  quota(tenant: string): Quota;
}
