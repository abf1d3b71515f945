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
  /** The number of rows of which it is not known whether they are gone. */
  readonly size: number;
  clear(): void;
}

/** Reads a row on its own: true if it is not found. */
export type IsGone = (uuid: string) => Promise<boolean>;

/** A row that was added less than `since` confirmation times ago is gone after it has been missing for `missing` of them. */
const newRow = { since: 60, missing: 10 };

/** The most rows that are read on their own after one reading, to find out whether they are gone. */
const mostReads = 10;

/** @param confirmMs the shortest time between two readings that show that a row is gone, in milliseconds. */
export function createMissingRows(confirmMs: number): MissingRows {
  // Both hold times on the clock of `performance.now()`.
  const addedAt = new Map<string, number>();
  const missingSince = new Map<string, number>();

  function isMissingForLong(uuid: string, since: number, now: number): boolean {
    const isNew = now - (addedAt.get(uuid) ?? Number.NEGATIVE_INFINITY) < newRow.since * confirmMs;
    return now - since >= (isNew ? newRow.missing : 1) * confirmMs;
  }

  return {
    noteAdded: (uuid) => void addedAt.set(uuid, performance.now()),
    noteReading(known, seen) {
      const now = performance.now();
      for (const uuid of missingSince.keys()) if (seen.has(uuid)) missingSince.delete(uuid);
      for (const uuid of known) if (!seen.has(uuid) && !missingSince.has(uuid)) missingSince.set(uuid, now);
      for (const [uuid, since] of addedAt) if (now - since >= newRow.since * confirmMs) addedAt.delete(uuid);
    },
    async takeGone(isDeleting, isGone) {
      const now = performance.now();
      const isMissing = (uuid: string) => isMissingForLong(uuid, missingSince.get(uuid) ?? now, now);
      // A row that was being deleted is expected to be gone: its own read shows it after one reading.
      const due = [...missingSince.keys()].filter((uuid) => isDeleting(uuid) || isMissing(uuid));
      const read = due.slice(0, mostReads);
      const gone: string[] = [];
      for (const uuid of read) {
        // A read that fails shows nothing: the row stays missing.
        const answer = await isGone(uuid).catch(() => null);
        if (answer) gone.push(uuid);
        else if (answer === false) missingSince.delete(uuid);
      }
      // If a row was not shown to be gone, the list says nothing of the rows that were not read.
      if (gone.length === read.length) gone.push(...due.slice(mostReads).filter(isMissing));
      for (const uuid of gone) {
        missingSince.delete(uuid);
        addedAt.delete(uuid);
      }
      return gone;
    },
    get size() {
      return missingSince.size;
    },
    clear() {
      addedAt.clear();
      missingSince.clear();
    },
  };
}
