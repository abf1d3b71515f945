import type { ListDifference, ListedRow } from './list-rows.ts';

/** A change of one row, as a follower sees it. The row is null if it is gone, or no longer matches the follower's filter. */
export type RowChange<Row> =
  | { readonly kind: 'ADDED' | 'UPDATED'; readonly uuid: string; readonly row: Row }
  | { readonly kind: 'REMOVED'; readonly uuid: string; readonly row: null };

/** What the followers of a list learn. */
export interface ListFollower<Row> {
  /** From now on no change is missed. Called again if the list could not be followed for a while. */
  onReady(): void;
  onChanges(changes: readonly RowChange<Row>[]): void;
  /**
   * The list cannot be followed for now.
   * @param isLast whether it is not tried again.
   */
  onFailure(error: unknown, isLast: boolean): void;
}

/** Which rows a follower wants. */
export interface ListFilter<Row> {
  /** The same text for the same filter. */
  readonly key: string;
  /** Null if every row is wanted. */
  readonly matches: ((row: Row) => boolean) | null;
}

/** A list as one filter shows it, for all followers with this filter. */
export interface ListView<Row> {
  readonly followers: Set<ListFollower<Row>>;
  /** Whether it is known which rows match. */
  readonly isReady: boolean;
  /** A reading starts. To be called while the view is not ready. */
  startReading(): void;
  /** A row of this reading. */
  note(row: Row): void;
  /**
   * The reading is complete: the view is ready.
   * @param unconfirmed rows that are missing in it and may still exist. They count as matching, so that their removal is reported.
   */
  endReading(unconfirmed: readonly string[]): void;
  /** What a difference of the list means for the view, which must be ready. */
  changesIn(difference: ListDifference<Row>): RowChange<Row>[];
  /** Forgets which rows match. */
  clear(): void;
  /** The number of rows that it keeps the UUIDs of. */
  readonly size: number;
}

/** @param matches whether a row passes the filter; null if every row does. */
export function createListView<Row extends ListedRow>(matches: ((row: Row) => boolean) | null): ListView<Row> {
  let matching = new Set<string>();
  let isReady = false;

  /** The kind of change that a changed row is; null if the view neither shows it nor has shown it. */
  function kindOf(uuid: string, row: Row, added: ReadonlySet<string>): RowChange<Row>['kind'] | null {
    if (!matches) return added.has(uuid) ? 'ADDED' : 'UPDATED';
    if (!matches(row)) return matching.delete(uuid) ? 'REMOVED' : null;
    if (matching.has(uuid)) return 'UPDATED';
    matching.add(uuid);
    return 'ADDED';
  }

  return {
    followers: new Set(),
    get isReady() {
      return isReady;
    },
    startReading() {
      matching = new Set();
    },
    note(row) {
      if (matches?.(row)) matching.add(row.uuid);
    },
    endReading(unconfirmed) {
      if (matches) for (const uuid of unconfirmed) matching.add(uuid);
      isReady = true;
    },
    changesIn({ changed, added, removed }) {
      const changes: RowChange<Row>[] = [];
      for (const [uuid, row] of changed) {
        const kind = kindOf(uuid, row, added);
        if (kind === 'REMOVED') changes.push({ kind, uuid, row: null });
        else if (kind) changes.push({ kind, uuid, row });
      }
      for (const uuid of removed)
        if (!matches || matching.delete(uuid)) changes.push({ kind: 'REMOVED', uuid, row: null });
      return changes;
    },
    clear() {
      matching = new Set();
      isReady = false;
    },
    get size() {
      return matching.size;
    },
  };
}

export function followersOf<Row>(views: readonly ListView<Row>[]): ListFollower<Row>[] {
  return views.flatMap(({ followers }) => [...followers]);
}
