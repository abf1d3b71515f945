import type { Quota } from './quota.ts';
import type { Store } from './store.ts';

/** What the handlers know of the region they stand in. */
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

/** One call that has been let in: its token is good and its path is the tenant's. */
export interface Call {
  readonly region: Region;
  readonly tenant: string;
  /** The id in the path, or an empty text. */
  readonly id: string;
  readonly query: URLSearchParams;
  /** The parsed JSON body. */
  readonly body: unknown;
  /** `http://host[:port]`, which links begin with (FACTS 14). */
  readonly origin: string;
}
