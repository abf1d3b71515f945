/** Null when the object is gone, an error when it can no longer be read: nothing follows after either. */
export type Follower<Row> = (state: Row | null | Error) => void;

/** The followers of one object. */
export interface Followers<Row> {
  add(follower: Follower<Row>): void;
  remove(follower: Follower<Row>): void;
  /** Removes all followers, and returns them. */
  clear(): Follower<Row>[];
  isEmpty(): boolean;
  /** Whether followers have joined since the last read started. */
  hasLate(): boolean;
  /** A read starts: its result is for all who have joined before. */
  beginRead(): void;
  /** Passes the result of a read to all followers, or, if it is the known state, to those who have none yet. */
  tell(row: Row, isChanged: boolean): void;
}

export function createFollowers<Row>(): Followers<Row> {
  /** Have the current state. */
  const told = new Set<Follower<Row>>();
  /** Will get the result of the read in progress. */
  const due = new Set<Follower<Row>>();
  /** Joined after that read started, and wait for the next one. */
  const late = new Set<Follower<Row>>();
  const groups = [told, due, late];

  return {
    add: (follower) => void late.add(follower),
    remove(follower) {
      for (const group of groups) group.delete(follower);
    },
    clear() {
      const all = groups.flatMap((group) => [...group]);
      for (const group of groups) group.clear();
      return all;
    },
    isEmpty: () => groups.every(({ size }) => size === 0),
    hasLate: () => late.size > 0,
    beginRead() {
      for (const follower of late) due.add(follower);
      late.clear();
    },
    tell(row, isChanged) {
      const listeners = isChanged ? [...told, ...due] : [...due];
      for (const follower of due) told.add(follower);
      due.clear();
      for (const follower of listeners) follower(row);
    },
  };
}
