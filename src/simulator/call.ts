import type { Region } from './region.ts';

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
