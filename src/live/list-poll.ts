import { setImmediate } from 'node:timers/promises';
import { createListPace, type ListPace } from './list-pace.ts';
import type { ListRead, ListReader } from './list-reader.ts';
import { createListRows, type ListDifference, type ListedRow, type ListRows } from './list-rows.ts';
import { createListView, type ListFollower, type ListView } from './list-view.ts';

/** Reads a list again and again while it has followers, and reports its changes to them. */
export interface ListPoll<Row> {
  /** Returns a function that ends this. */
  follow(filter: ListFilter<Row>, follower: ListFollower<Row>): () => void;
  /** The list has changed or will soon: reads it now, and often again for a while. */
  noteChange(): void;
  /** Whether changes of its rows are noticed. */
  readonly isReliable: boolean;
  stop(): void;
}

/** Which rows a follower wants. */
export interface ListFilter<Row> {
  /** The same text for the same filter. */
  readonly key: string;
  /** Null if every row is wanted. */
  readonly matches: ((row: Row) => boolean) | null;
}

export interface ListPollOptions<Row> {
  readonly reader: ListReader<Row>;
  readonly digestOf: (row: Row) => string;
  /** The shortest time from one reading to the next, in milliseconds. */
  readonly intervalMs: number;
  /** The longest time for one reading, in milliseconds. */
  readonly timeoutMs: number;
  /** Charges what the poll keeps after a reading. Null, or an error if there is no memory for it. */
  readonly charge: (kept: { readonly rows: number; readonly matching: number }) => Error | null;
  /** Called with the UUIDs of rows that have changed or are gone. */
  readonly onChanged: (uuids: Iterable<string>) => void;
  /** Called once, when the poll has ended. */
  readonly onEnd: () => void;
}

/** How long to collect followers before a reading, in milliseconds: they share it. */
const gatherMs = 20;

/** After this number of followers the event loop does other work. */
const followersAtOnce = 50;

interface Running<Row> {
  readonly options: ListPollOptions<Row>;
  readonly rows: ListRows<Row>;
  readonly views: Map<string, ListView<Row>>;
  readonly pace: ListPace;
  readonly stopped: AbortController;
  /** Why the list cannot be followed for now; null if it can, or has not been read yet. */
  failure: { readonly error: unknown } | null;
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
    get isReliable() {
      return running.rows.isKnown && running.failure === null;
    },
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
  else if (!known && !running.isReading) readIn(running, Math.max(gatherMs, pace.next(true)));
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
  const pending = [...views.values()].filter(({ isReady }) => !isReady);
  for (const view of pending) view.startReading();
  try {
    const until = { signal: stopped.signal, deadline: performance.now() + options.timeoutMs };
    const difference = await options.reader.read(until, pending.length > 0, (read) => readRows(running, pending, read));
    if (!stopped.signal.aborted) await report(running, pending, difference);
  } catch (error) {
    if (!stopped.signal.aborted) await fail(running, error);
  }
  running.isReading = false;
  const isWanted = running.isOutdated || (!running.failure && views.values().some(({ isReady }) => !isReady));
  readIn(running, pace.next(isWanted));
}

async function readRows<Row extends ListedRow>(
  { rows }: Running<Row>,
  pending: readonly ListView<Row>[],
  { pages, isGone }: ListRead<Row>,
): Promise<ListDifference<Row>> {
  if (!pages) return rows.readAlike(isGone);
  const reading = rows.startReading();
  for await (const page of pages) {
    for (const row of page) {
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
  const { changed, removed, isUncertain } = difference;
  const isChanged = changed.size + removed.length > 0;
  pace.noteRead({ isChanged, isTransitional: isUncertain || rows.hasTransitions(), calls: options.reader.calls });
  const matching = views.values().reduce((sum, { size }) => sum + size, 0);
  const shortage = options.charge({ rows: rows.size, matching });
  if (shortage) return lose(running, shortage);
  running.failure = null;
  if (isChanged) options.onChanged([...changed.keys(), ...removed]);
  const reports: (() => void)[] = [];
  for (const view of isChanged ? views.values() : []) {
    const changes = view.isReady ? view.changesIn(difference) : [];
    if (changes.length > 0) for (const follower of view.followers) reports.push(() => follower.onChanges(changes));
  }
  // Of a row that is missing in this reading a view would not know whether it matches.
  for (const view of isUncertain ? [] : pending) {
    view.endReading();
    for (const follower of view.followers) reports.push(() => follower.onReady());
  }
  await runInSteps(reports);
}

/** A reading has failed. After a short failure the changes are found by the next reading. */
async function fail<Row extends ListedRow>(running: Running<Row>, error: unknown): Promise<void> {
  const { rows, views, pace } = running;
  const { mayPass, isOutOfPatience } = pace.noteFailure(error);
  if (!mayPass) {
    const followers = [...views.values()].flatMap((view) => [...view.followers]);
    stop(running);
    await runInSteps(followers.map((follower) => () => follower.onFailure(error, true)));
  } else if (isOutOfPatience || !rows.isKnown) await lose(running, error);
  else await reportFailure(running, error, (view) => !view.isReady);
}

/** Forgets the list: its changes are missed until it has been read again. */
async function lose<Row extends ListedRow>(running: Running<Row>, error: unknown): Promise<void> {
  const isKnown = running.failure !== null;
  running.failure = { error };
  running.rows.clear();
  running.options.charge({ rows: 0, matching: 0 });
  if (!isKnown) await reportFailure(running, error, () => true);
}

async function reportFailure<Row>(
  { views }: Running<Row>,
  error: unknown,
  isAffected: (view: ListView<Row>) => boolean,
): Promise<void> {
  const affected = [...views.values()].filter(isAffected);
  for (const view of affected) view.clear();
  const followers = affected.flatMap((view) => [...view.followers]);
  await runInSteps(followers.map((follower) => () => follower.onFailure(error, false)));
}

async function runInSteps(steps: readonly (() => void)[]): Promise<void> {
  for (const [index, step] of steps.entries()) {
    if (index > 0 && index % followersAtOnce === 0) await setImmediate();
    step();
  }
}

function stop<Row>({ options, views, stopped, timer }: Running<Row>): void {
  if (stopped.signal.aborted) return;
  clearTimeout(timer);
  views.clear();
  stopped.abort();
  options.onEnd();
}
