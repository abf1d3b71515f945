import type { Until } from '../fairness/until.ts';
import { createListPace, type ListPace } from './list-pace.ts';
import type { ListRead, ListReader } from './list-reader.ts';
import { createListRows, type ListDifference, type ListedRow, type ListRows } from './list-rows.ts';
import { createListView, followersOf, type ListFilter, type ListFollower, type ListView } from './list-view.ts';

/** Reads a list again and again while it has followers, and reports its changes to them. */
export interface ListPoll<Row> {
  /** Returns a function that ends this. */
  follow(filter: ListFilter<Row>, follower: ListFollower<Row>): () => void;
  /** The list has changed or will soon: reads it now, and often again for a while. */
  noteChange(): void;
  /** Whether a row is as this digest says and its next change is noticed soon. */
  covers(uuid: string, digest: string): boolean;
  stop(): void;
}

export interface ListPollOptions<Row> {
  readonly reader: ListReader<Row>;
  readonly digestOf: (row: Row) => string;
  /** The shortest time from one reading to the next, in milliseconds. */
  readonly intervalMs: number;
  /** The longest time for one reading, in milliseconds. */
  readonly timeoutMs: number;
  /** To be awaited before each step of long work: see `Turns.goOn`. */
  readonly goOn: (until: Until) => Promise<boolean> | null;
  /** Charges what the poll keeps after a reading. Returns null, or an error if it exceeds the memory for lists. */
  readonly charge: (kept: { readonly rows: number; readonly matching: number }) => Error | null;
  /** Called with the UUIDs of rows that have changed or are gone. */
  readonly onChanged: (uuids: ReadonlySet<string>) => void;
  /** Called once, when the poll has ended. */
  readonly onEnd: () => void;
}

/** How long to collect followers before a reading, in milliseconds: they share it. */
const gatherMs = 20;

/** In one step of a reading, this number of rows at most is held against filters. */
const stepRows = 1_000;

/** An object is read on its own if the last good reading of its list is older than this number of intervals. */
const coveredIntervals = 20;

interface Running<Row> {
  readonly options: ListPollOptions<Row>;
  readonly rows: ListRows<Row>;
  readonly views: Map<string, ListView<Row>>;
  readonly pace: ListPace;
  readonly stopped: AbortController;
  /** Why the list cannot be followed for now; null if it can, or has not been read yet. */
  failure: { readonly error: unknown } | null;
  /** When the last reading was complete, on the clock of `performance.now()`. */
  goodAt: number;
  timer: NodeJS.Timeout | undefined;
  isReading: boolean;
  /** Whether something has changed since the reading in progress started. */
  isOutdated: boolean;
}

export function startListPoll<Row extends ListedRow>(options: ListPollOptions<Row>): ListPoll<Row> {
  const { digestOf, intervalMs } = options;
  const running: Running<Row> = {
    options,
    rows: createListRows({ digestOf, confirmMs: intervalMs }),
    views: new Map(),
    pace: createListPace(intervalMs),
    stopped: new AbortController(),
    failure: null,
    goodAt: Number.NEGATIVE_INFINITY,
    timer: undefined,
    isReading: false,
    isOutdated: false,
  };
  return {
    follow: (filter, follower) => follow(running, filter, follower),
    noteChange() {
      running.pace.noteChange();
      running.isOutdated = true;
      if (!running.isReading) readIn(running, running.pace.next(true));
    },
    covers: (uuid, digest) =>
      performance.now() - running.goodAt <= coveredIntervals * options.intervalMs && running.rows.shows(uuid, digest),
    stop: () => stop(running),
  };
}

function follow<Row extends ListedRow>(
  running: Running<Row>,
  { key, matches }: ListFilter<Row>,
  follower: ListFollower<Row>,
): () => void {
  const { views, failure, pace } = running;
  const known = views.get(key);
  const view = known ?? createListView(matches);
  views.set(key, view);
  view.followers.add(follower);
  if (view.isReady) follower.onReady();
  else if (failure) follower.onFailure(failure.error, false);
  // A row that the follower finds in the list and that is deleted before the next reading would never be reported.
  if (!failure) pace.noteChange();
  running.isOutdated = true;
  const isAwaited = !view.isReady && known !== undefined;
  if (!failure && !running.isReading && !isAwaited) readIn(running, Math.max(gatherMs, pace.next(true)));
  return () => {
    view.followers.delete(follower);
    if (view.followers.size > 0) return;
    if (views.get(key) === view) views.delete(key);
    if (views.size === 0) stop(running);
  };
}

function readIn<Row extends ListedRow>(running: Running<Row>, ms: number): void {
  clearTimeout(running.timer);
  if (!running.stopped.signal.aborted) running.timer = setTimeout(() => void readOnce(running), ms);
}

async function readOnce<Row extends ListedRow>(running: Running<Row>): Promise<void> {
  const { options, views, pace, stopped } = running;
  running.isReading = true;
  running.isOutdated = false;
  let hasFailed = false;
  const pending = [...views.values()].filter(({ isReady }) => !isReady);
  for (const view of pending) view.startReading();
  try {
    const difference = await options.reader.read(untilOf(running), pending.length > 0, (read) =>
      readRows(running, pending, read),
    );
    if (!stopped.signal.aborted) await report(running, pending, difference);
  } catch (error) {
    hasFailed = true;
    if (!stopped.signal.aborted) await fail(running, error);
  }
  running.isReading = false;
  const isPending = running.isOutdated || views.values().some(({ isReady }) => !isReady);
  const isWanted = isPending && !hasFailed && !running.failure;
  readIn(running, pace.next(isWanted));
}

async function readRows<Row extends ListedRow>(
  { rows }: Running<Row>,
  pending: readonly ListView<Row>[],
  { pages, isGone, breathe }: ListRead<Row>,
): Promise<ListDifference<Row>> {
  if (!pages) return rows.readAlike(isGone);
  const reading = rows.startReading();
  let inStep = 0;
  for await (const page of pages) {
    for (const row of page) {
      inStep += pending.length + 1;
      const pause = inStep > stepRows ? breathe(inStep) : null;
      if (inStep > stepRows) inStep = 0;
      if (pause) await pause;
      reading.note(row);
      for (const view of pending) view.note(row);
    }
  }
  return reading.end(isGone);
}

/** Reports a complete reading. */
async function report<Row extends ListedRow>(
  running: Running<Row>,
  pending: readonly ListView<Row>[],
  difference: ListDifference<Row>,
): Promise<void> {
  const { options, rows, views, pace } = running;
  const { changed, removed, unconfirmed } = difference;
  const isChanged = changed.size + removed.length > 0;
  const matching = views.values().reduce((sum, { size }) => sum + size, 0);
  const shortage = options.charge({ rows: rows.size, matching });
  if (shortage) {
    pace.noteFailure(shortage);
    return suspend(running, shortage);
  }
  const isTransitional = unconfirmed.length > 0 || rows.hasTransitions();
  pace.noteRead({ isChanged, isTransitional, calls: options.reader.calls });
  running.failure = null;
  running.goodAt = performance.now();
  if (isChanged) options.onChanged(new Set([...changed.keys(), ...removed]));
  const until = untilOf(running);
  for (const view of isChanged ? views.values() : []) {
    const changes = view.isReady ? view.changesIn(difference) : [];
    await options.goOn(until);
    for (const follower of changes.length > 0 ? view.followers : []) {
      follower.onChanges(changes);
      await options.goOn(until);
    }
  }
  for (const view of pending) {
    view.endReading(unconfirmed);
    for (const follower of view.followers) {
      follower.onReady();
      await options.goOn(until);
    }
  }
}

/** A reading has failed. After a short failure the changes are found by the next reading. */
async function fail<Row extends ListedRow>(running: Running<Row>, error: unknown): Promise<void> {
  const { rows, views, pace } = running;
  const { mayPass, isOutOfPatience } = pace.noteFailure(error);
  if (!mayPass) {
    const followers = followersOf([...views.values()]);
    stop(running);
    await reportFailure(running, followers, error, true);
  } else if (isOutOfPatience || !rows.isKnown) await suspend(running, error);
  else {
    const pending = [...views.values()].filter(({ isReady }) => !isReady);
    await reportFailure(running, followersOf(pending), error, false);
  }
}

/** Forgets the list: its changes are missed until it has been read again. */
async function suspend<Row extends ListedRow>(running: Running<Row>, error: unknown): Promise<void> {
  const isKnown = running.failure !== null;
  running.failure = { error };
  running.rows.clear();
  running.options.charge({ rows: 0, matching: 0 });
  const views = [...running.views.values()];
  for (const view of views) view.clear();
  if (!isKnown) await reportFailure(running, followersOf(views), error, false);
}

async function reportFailure<Row>(
  running: Running<Row>,
  followers: ListFollower<Row>[],
  error: unknown,
  isLast: boolean,
) {
  const until = untilOf(running);
  for (const follower of followers) {
    follower.onFailure(error, isLast);
    await running.options.goOn(until);
  }
}

function untilOf<Row>({ options, stopped }: Running<Row>) {
  return { signal: stopped.signal, deadline: performance.now() + options.timeoutMs };
}

function stop<Row>({ options, views, stopped, timer }: Running<Row>): void {
  if (stopped.signal.aborted) return;
  clearTimeout(timer);
  views.clear();
  stopped.abort();
  options.onEnd();
}
