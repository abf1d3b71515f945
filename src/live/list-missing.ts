/** Decides which rows of a list are gone: a row may be missing in a reading because a replica of the region lags. */
export interface MissingRows {
  /** A reading has found a row for the first time. */
  noteAdded(uuid: string): void;
  /** A reading was complete. */
  noteReading(known: Iterable<string>, seen: ReadonlySet<string>): void;
  /**
   * Returns the rows that are gone, and forgets them. To be called after each complete reading.
   * @param isDeleting whether the row was being deleted when it was seen last.
   */
  takeGone(isDeleting: (uuid: string) => boolean, isGone: IsGone): Promise<string[]>;
  /** The rows of which it is not known whether they are gone. */
  readonly uuids: () => Iterable<string>;
  clear(): void;
}

/** Reads a row on its own: true if it is not found. */
export type IsGone = (uuid: string) => Promise<boolean>;

/**
 * In confirmation times. A replica that lags does not know new rows yet: a row that was added less than `newFor` ago is gone only
 * after it has been missing for `confirmAfter`.
 */
const newRow = { newFor: 60, confirmAfter: 10 };

/** The most rows that are read on their own after one reading, to find out whether they are gone. */
const mostReads = 10;

/** @param confirmMs the shortest time between two readings that show that a row is gone, in milliseconds. */
export function createMissingRows(confirmMs: number): MissingRows {
  // Both hold times on the clock of `performance.now()`.
  const addedAt = new Map<string, number>();
  const missingSince = new Map<string, number>();

  function isMissingForLong(uuid: string, since: number, now: number): boolean {
    const isNew = now - (addedAt.get(uuid) ?? Number.NEGATIVE_INFINITY) < newRow.newFor * confirmMs;
    return now - since >= (isNew ? newRow.confirmAfter : 1) * confirmMs;
  }

  return {
    noteAdded: (uuid) => void addedAt.set(uuid, performance.now()),
    noteReading(known, seen) {
      const now = performance.now();
      for (const uuid of missingSince.keys()) if (seen.has(uuid)) missingSince.delete(uuid);
      for (const uuid of known) if (!seen.has(uuid) && !missingSince.has(uuid)) missingSince.set(uuid, now);
      for (const [uuid, since] of addedAt) if (now - since >= newRow.newFor * confirmMs) addedAt.delete(uuid);
    },
    async takeGone(isDeleting, isGone) {
      const now = performance.now();
      const isMissing = (uuid: string) => isMissingForLong(uuid, missingSince.get(uuid) ?? now, now);
      // A row that was being deleted is expected to be gone: its own read shows it after one reading.
      const due = [...missingSince.keys()].filter((uuid) => isDeleting(uuid) || isMissing(uuid));
      const read = due.slice(0, mostReads);
      const gone: string[] = [];
      for (const uuid of read) {
        const since = missingSince.get(uuid) ?? now;
        // A read that fails shows nothing.
        const answer = await isGone(uuid).catch(() => null);
        // To the end, so that other rows are read next time.
        missingSince.delete(uuid);
        if (answer) gone.push(uuid);
        else missingSince.set(uuid, answer === null ? since : now);
      }
      // If a row was not shown to be gone, the list says nothing of the rows that were not read.
      if (gone.length === read.length) gone.push(...due.slice(mostReads).filter(isMissing));
      for (const uuid of gone) {
        missingSince.delete(uuid);
        addedAt.delete(uuid);
      }
      return gone;
    },
    uuids: () => missingSince.keys(),
    clear() {
      addedAt.clear();
      missingSince.clear();
    },
  };
}
