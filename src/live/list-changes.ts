import { Repeater } from '@repeaterjs/repeater';
import type { Region } from '../regions.ts';
import type { ListFollower, RowChange } from './list-view.ts';

/** What a stream learns of the lists of several regions at once. */
export interface ListUpdate<Row> {
  readonly kind: 'update';
  readonly changes: readonly RegionChange<Row>[];
  /** The regions whose changes may have been missed: their lists have to be read again. */
  readonly refetch: readonly Region[];
  /** The regions that cannot be followed for now. */
  readonly failures: readonly RegionError[];
}

/** The last that a stream learns: no region can be followed any more. */
export interface ListEnd {
  readonly kind: 'end';
  readonly failures: readonly RegionError[];
}

export type RegionChange<Row> = RowChange<Row> & { readonly region: Region };

export interface RegionError {
  readonly region: Region;
  readonly error: unknown;
}

/** Starts to follow a region's list. Returns a function that ends this. */
export type FollowRegion<Row> = (region: Region, follower: ListFollower<Row>) => () => void;

/** If more rows of a region wait to be reported, the stream is told to read its list again. */
const mostWaiting = 1_000;

/**
 * The changes of the lists of several regions, until all of them have failed for good: the last value is their errors. The
 * first value has no changes, and comes when each region is followed or has failed. While the reader is slow, changes of one
 * row become one.
 */
export function followRegions<Row>(
  regions: readonly Region[],
  follow: FollowRegion<Row>,
): AsyncIterable<ListUpdate<Row> | ListEnd> {
  return new Repeater<ListUpdate<Row> | ListEnd>(async (push, stop) => {
    let hasNews = Promise.withResolvers<void>();
    const wake = () => hasNews.resolve();
    const states = regions.map((region) => createState<Row>(region, wake));
    const unfollow = states.map(({ region, follower }) => follow(region, follower));
    let isOver = false;
    /** Null before the first value. */
    let reported: readonly RegionError[] | null = null;
    void stop.then(() => {
      isOver = true;
      for (const end of unfollow) end();
      wake();
    });
    while (!isOver) {
      await hasNews.promise;
      hasNews = Promise.withResolvers();
      if (isOver || !states.every(({ isKnown }) => isKnown())) continue;
      const updates = states.map((state) => state.take());
      const failures = updates.flatMap(({ failure }) => failure ?? []);
      if (failures.length > 0 && states.every(({ isEnded }) => isEnded())) {
        void push({ kind: 'end', failures });
        stop();
        return;
      }
      const isFirst = reported === null;
      // Lists are read after the first value, so earlier changes are in them.
      const changes = isFirst ? [] : updates.flatMap(({ changes }) => changes);
      const refetch = isFirst ? [] : updates.flatMap(({ refetch }) => refetch ?? []);
      const isNew = changes.length + refetch.length > 0 || !reported || !areSame(reported, failures);
      reported = failures;
      if (isNew) await push({ kind: 'update', changes, refetch, failures });
    }
  });
}

function areSame(before: readonly RegionError[], now: readonly RegionError[]): boolean {
  return before.length === now.length && before.every((failure, index) => failure === now[index]);
}

/** What a stream has to learn of one region. */
function createState<Row>(region: Region, wake: () => void) {
  let waiting = new Map<string, RowChange<Row>>();
  let failure: RegionError | null = null;
  let isReady = false;
  let isEnded = false;
  let needsRefetch = false;

  const follower: ListFollower<Row> = {
    onReady() {
      needsRefetch ||= failure !== null;
      failure = null;
      isReady = true;
      wake();
    },
    onChanges(changes) {
      if (needsRefetch) return;
      needsRefetch = changes.length > mostWaiting;
      if (!needsRefetch)
        for (const change of changes) waiting.set(change.uuid, joined(waiting.get(change.uuid), change));
      needsRefetch ||= waiting.size > mostWaiting;
      if (needsRefetch) waiting = new Map();
      wake();
    },
    onFailure(error, isLast) {
      if (failure && !isLast) return;
      failure = { region, error };
      isEnded = isLast;
      waiting.clear();
      wake();
    },
  };

  return {
    region,
    follower,
    isKnown: () => isReady || failure !== null,
    isEnded: () => isEnded,
    take() {
      const changes = Array.from(waiting.values(), (change) => ({ ...change, region }));
      const refetch = needsRefetch ? region : null;
      waiting = new Map();
      needsRefetch = false;
      return { changes, refetch, failure };
    },
  };
}

/** Two changes of a row as one. */
function joined<Row>(before: RowChange<Row> | undefined, after: RowChange<Row>): RowChange<Row> {
  if (!before || after.kind === 'REMOVED') return after;
  // A row that was removed in between may never have been reported. Clients take ADDED for a row that they have as an update.
  return { ...after, kind: before.kind === 'UPDATED' ? 'UPDATED' : 'ADDED' };
}
