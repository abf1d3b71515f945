import type { Region } from '../regions.ts';
import { createLiveLists, type LiveLists } from './live-lists.ts';
import { createLiveObjects, type LiveObjects } from './live-objects.ts';
import type { LiveOptions } from './reader.ts';

/** What subscriptions follow. While the list of an object is read, the object is read on its own only when the list shows a change. */
export interface Live {
  readonly objects: Pick<LiveObjects, 'follow'>;
  readonly lists: Pick<LiveLists, 'follow'>;
  /**
   * A write may have changed something of the tenant.
   * @param uuid an existing object that may have changed; null for a new one.
   */
  noteWrite(region: Region, uuid: string | null, tenant: string): void;
  /** Objects and lists that are read again and again. */
  readonly count: number;
  close(): void;
}

export function createLive(options: LiveOptions): Live {
  const lists = createLiveLists({ ...options, onChange: (...change) => objects.noteChange(...change) });
  const objects = createLiveObjects({ ...options, isCovered: (object) => lists.covers(object) });
  return {
    objects,
    lists,
    noteWrite(region, uuid, tenant) {
      if (uuid !== null) objects.noteChange(region, new Set([uuid]), tenant);
      lists.noteChange(region, tenant);
    },
    get count() {
      return objects.count + lists.count;
    },
    close() {
      objects.close();
      lists.close();
    },
  };
}
