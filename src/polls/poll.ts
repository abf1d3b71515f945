import { BlockStorageError } from '../block-storage/error.ts';
import { UpstreamError } from '../upstream/send.ts';

/** Reads one object again and again while somebody follows it, and tells of each change. */
export interface Poll<Row> {
  /** Tells the follower the object at once, then each change. Returns what to call when it wants to hear no more. */
  follow(follower: Follower<Row>): () => void;
  /** It may have changed: reads it now, and often again for a while. */
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
  /** The shortest time from one read to the next, in milliseconds; the longest is ten times that. */
  readonly intervalMs: number;
  /** The longest time for one read, in milliseconds. */
  readonly timeoutMs: number;
  /** Told once, when nobody follows it any more. */
  readonly onEnd: () => void;
}

/** How long nothing may be known of an object before those who follow it are told so, in milliseconds. */
const patienceMs = 60_000;

export function startPoll<Row>(options: PollOptions<Row>): Poll<Row> {
  const { read, stateOf, intervalMs, timeoutMs, onEnd } = options;
  /** Those who have been told the object, and those who have not yet. */
  const told = new Set<Follower<Row>>();
  const waiting = new Set<Follower<Row>>();
  const stopped = new AbortController();
  let known: { readonly row: Row; readonly state: string; readonly at: number } | null = null;
  /** Until when it is told nothing of failures, on the clock of `performance.now()`; and the last of them. */
  let patientUntil = performance.now() + patienceMs;
  let failure: Error | null = null;
  let waitMs = intervalMs;
  let timer: NodeJS.Timeout | undefined;
  let isReading = false;
  /** Whether what is being read may be older than what is asked for. */
  let isReadAgain = false;

  function stop(): void {
    if (stopped.signal.aborted) return;
    clearTimeout(timer);
    told.clear();
    waiting.clear();
    stopped.abort();
    onEnd();
  }

  /** Tells everybody the last there is to tell. */
  function end(last: null | Error): void {
    const all = [...told, ...waiting];
    stop();
    for (const follower of all) follower(last);
  }

  function hear(row: Row): void {
    const state = stateOf(row);
    const isChanged = state !== known?.state;
    const at = performance.now();
    waitMs = isChanged ? intervalMs : slower(waitMs);
    patientUntil = at + patienceMs;
    failure = null;
    known = { row, state, at };
    const listeners = isChanged ? [...told, ...waiting] : [...waiting];
    for (const follower of waiting) told.add(follower);
    waiting.clear();
    for (const follower of listeners) follower(row);
  }

  function fail(error: unknown): void {
    failure = asError(error);
    if (!isPassing(error) || performance.now() >= patientUntil) end(failure);
    waitMs = Math.max(slower(waitMs), error instanceof BlockStorageError ? (error.retryAfter ?? 0) * 1000 : 0);
  }

  function slower(ms: number): number {
    return Math.min(ms * 1.2, intervalMs * 10);
  }

  async function readOnce(): Promise<void> {
    clearTimeout(timer);
    isReading = true;
    isReadAgain = false;
    try {
      const row = await read(stopped.signal, Math.min(performance.now() + timeoutMs, patientUntil));
      if (stopped.signal.aborted) return;
      if (row === null) end(null);
      else hear(row);
    } catch (error) {
      if (!stopped.signal.aborted) fail(error);
    }
    isReading = false;
    if (!stopped.signal.aborted) readLater();
  }

  function readLater(): void {
    const patientMs = Math.max(0, patientUntil - performance.now());
    if (isReadAgain) void readOnce();
    else if (failure && patientMs < waitMs) timer = setTimeout(end, patientMs, failure);
    else timer = setTimeout(() => void readOnce(), waitMs);
  }

  function readNow(): void {
    if (!isReading) void readOnce();
  }

  return {
    follow(follower) {
      if (known && performance.now() - known.at < intervalMs) {
        told.add(follower);
        follower(known.row);
      } else {
        waiting.add(follower);
        readNow();
      }
      return () => {
        told.delete(follower);
        waiting.delete(follower);
        if (told.size + waiting.size === 0) stop();
      };
    },
    hasten() {
      waitMs = intervalMs;
      // What was read before is not told to anybody new.
      if (known) known = { ...known, at: Number.NEGATIVE_INFINITY };
      isReadAgain = true;
      readNow();
    },
    stop,
  };
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error('The object could not be read.', { cause: error });
}

const passing: ReadonlySet<string> = new Set([
  'RATE_LIMITED',
  'UPSTREAM_ERROR',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_UNAVAILABLE',
]);

/** Whether waiting may mend it. */
function isPassing(error: unknown): boolean {
  return error instanceof BlockStorageError ? passing.has(error.code) : error instanceof UpstreamError;
}
