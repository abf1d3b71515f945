import { BlockStorageError } from '../block-storage/error.ts';
import { UpstreamError } from '../upstream/error.ts';

/** Reads one object again and again while somebody follows it, and tells of each change. */
export interface Poll<Row> {
  /**
   * Tells the follower the object as it is now or later, then each change. Returns what to call when it wants to hear no
   * more.
   */
  follow(follower: Follower<Row>): () => void;
  /** It has changed: reads it now, and often again for a while. */
  hasten(): void;
  /** Ends the poll for all who follow it. */
  stop(): void;
}

/** Null when the object is gone, an error when nothing can be told of it any more: then it hears no more. */
export type Follower<Row> = (told: Row | null | Error) => void;

export interface PollOptions<Row> {
  /** @param deadline on the clock of `performance.now()`. Null when the object is gone. */
  readonly read: (signal: AbortSignal, deadline: number) => Promise<Row | null>;
  /** All that is seen of an object: it has changed when the text has. */
  readonly stateOf: (row: Row) => string;
  /** The shortest time from one read to the next, in milliseconds; the longest is ten times that, or half a minute. */
  readonly intervalMs: number;
  /** The longest time for one read, in milliseconds. */
  readonly timeoutMs: number;
  /** Told once, when it is over. */
  readonly onEnd: () => void;
}

/** For so long is waited for others who come at the same time, in milliseconds: one read tells all of them. */
const gatherMs = 20;

/** The longest time from one read to the next, in milliseconds: some reads have to fail before patience ends. */
const longestMs = 30_000;

/** How long nothing may be known of an object before those who follow it are told so, in milliseconds. */
const patienceMs = 60_000;

export function startPoll<Row>(options: PollOptions<Row>): Poll<Row> {
  const { read, stateOf, intervalMs, timeoutMs, onEnd } = options;
  /** Those who know the object, those whom the read under way will tell it, and those who came after that had begun. */
  const told = new Set<Follower<Row>>();
  const due = new Set<Follower<Row>>();
  const late = new Set<Follower<Row>>();
  const stopped = new AbortController();
  let state: string | null = null;
  let failure: Error | null = null;
  // Both on the clock of `performance.now()`.
  let goodAt = performance.now();
  let notBefore = goodAt;
  let waitMs = intervalMs;
  let timer: NodeJS.Timeout | undefined;
  let isReading = false;
  let isGathering = false;
  /** Whether what is being read may be older than the last change. */
  let isOutdated = false;
  /** Since when no read has found the object; null if the last one has. Once is no proof: a replica may lag. */
  let missingSince: number | null = null;

  function stop(): void {
    if (stopped.signal.aborted) return;
    clearTimeout(timer);
    for (const followers of [told, due, late]) followers.clear();
    stopped.abort();
    onEnd();
  }

  /** Tells everybody the last there is to tell. */
  function end(last: null | Error): void {
    const all = [...told, ...due, ...late];
    stop();
    for (const follower of all) follower(last);
  }

  function hear(row: Row): void {
    const before = state;
    state = stateOf(row);
    const isChanged = state !== before;
    waitMs = isChanged ? intervalMs : slower(waitMs);
    goodAt = performance.now();
    failure = null;
    const listeners = isChanged ? [...told, ...due] : [...due];
    for (const follower of due) told.add(follower);
    due.clear();
    for (const follower of listeners) follower(row);
  }

  function fail(error: unknown): void {
    waitMs = failure ? slower(waitMs) : intervalMs;
    failure = asError(error);
    if (!isPassing(error) || performance.now() >= patientUntil()) end(failure);
    if (error instanceof BlockStorageError && error.retryAfter !== null)
      notBefore = performance.now() + error.retryAfter * 1000;
  }

  function patientUntil(): number {
    return goodAt + patienceMs;
  }

  function slower(ms: number): number {
    return Math.min(ms * 1.2, intervalMs * 10, longestMs);
  }

  async function readOnce(): Promise<void> {
    clearTimeout(timer);
    isReading = true;
    isGathering = false;
    isOutdated = false;
    for (const follower of late) due.add(follower);
    late.clear();
    const now = performance.now();
    try {
      const row = await read(stopped.signal, Math.min(now + timeoutMs, patientUntil()));
      if (stopped.signal.aborted) return;
      if (row === null) {
        missingSince ??= now;
        if (now - missingSince >= intervalMs) end(null);
      } else {
        missingSince = null;
        // What was read before a change is told to nobody after it.
        if (!isOutdated) hear(row);
      }
    } catch (error) {
      if (!stopped.signal.aborted) fail(error);
    }
    isReading = false;
    if (!stopped.signal.aborted) readIn(isOutdated || late.size > 0 ? 0 : missingSince !== null ? intervalMs : waitMs);
  }

  /** Reads after so many milliseconds, but not before the region wants to be asked again. */
  function readIn(ms: number): void {
    clearTimeout(timer);
    const now = performance.now();
    const wait = Math.max(ms, notBefore - now);
    const patientMs = Math.max(0, patientUntil() - now);
    if (failure && patientMs < wait) timer = setTimeout(end, patientMs, failure);
    else if (wait > 0) timer = setTimeout(() => void readOnce(), wait);
    else void readOnce();
  }

  return {
    follow(follower) {
      late.add(follower);
      if (!isReading && !isGathering) {
        isGathering = true;
        readIn(gatherMs);
      }
      return () => {
        for (const followers of [told, due, late]) followers.delete(follower);
        if (told.size + due.size + late.size === 0) stop();
      };
    },
    hasten() {
      waitMs = intervalMs;
      isOutdated = true;
      if (!isReading) readIn(0);
    },
    stop,
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('The object could not be read.', { cause: error });
}

/** Whether waiting may mend it. */
function isPassing(error: unknown): boolean {
  return error instanceof BlockStorageError ? passing.has(error.code) : error instanceof UpstreamError;
}

const passing: ReadonlySet<string> = new Set([
  'RATE_LIMITED',
  'UPSTREAM_ERROR',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_UNAVAILABLE',
]);
