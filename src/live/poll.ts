import { createFollowers, type Follower, type Followers } from './followers.ts';
import { createPace, type Pace } from './pace.ts';

/** Reads one object again and again while it has followers, and tells them each change. */
export interface Poll<Row> {
  /** Tells the follower the object as it is now or later, then each change. Returns a function that ends this. */
  follow(follower: Follower<Row>): () => void;
  /** The object has changed: reads it now, and often again for a while. */
  noteChange(): void;
  /** Ends the poll for all followers. */
  stop(): void;
}

export interface PollOptions<Row> {
  /** @param deadline on the clock of `performance.now()`. Null when the object is gone. */
  readonly read: (signal: AbortSignal, deadline: number) => Promise<Row | null>;
  /** All that is seen of an object: it has changed when the text has. */
  readonly stateOf: (row: Row) => string;
  /** The shortest time from one read to the next, in milliseconds; the longest is ten times that, or half a minute. */
  readonly intervalMs: number;
  /** The longest time for one read, in milliseconds. */
  readonly timeoutMs: number;
  /** Whether a change from this state is noticed without reading the object: then `noteChange` is called. */
  readonly isCovered: (state: string) => boolean;
  /** Called once, when the poll has ended. */
  readonly onEnd: () => void;
}

/** How long to collect followers before the first read, in milliseconds: they share it. */
const gatherMs = 20;

export function startPoll<Row>(options: PollOptions<Row>): Poll<Row> {
  const followers = createFollowers<Row>();
  const pace = createPace(options.intervalMs);
  const running: Running<Row> = {
    options,
    followers,
    pace,
    stopped: new AbortController(),
    state: null,
    timer: undefined,
    isReading: false,
    isGathering: false,
    isOutdated: false,
  };
  return {
    follow(follower) {
      followers.add(follower);
      if (!running.isReading && !running.isGathering) {
        running.isGathering = true;
        readIn(running, gatherMs);
      }
      return () => {
        followers.remove(follower);
        if (followers.isEmpty()) stop(running);
      };
    },
    noteChange() {
      pace.noteChange();
      running.isOutdated = true;
      if (!running.isReading) readIn(running, 0);
    },
    stop: () => stop(running),
  };
}

/** A poll that has begun. */
interface Running<Row> {
  readonly options: PollOptions<Row>;
  readonly followers: Followers<Row>;
  readonly pace: Pace;
  readonly stopped: AbortController;
  /** The state that was read last; null before the first. */
  state: string | null;
  timer: NodeJS.Timeout | undefined;
  isReading: boolean;
  /** Whether the first read waits for more followers. */
  isGathering: boolean;
  /** Whether the result of the read in progress may be older than the last change. */
  isOutdated: boolean;
}

/** Reads after so many milliseconds, but not before the region wants to be asked again. */
function readIn<Row>(running: Running<Row>, ms: number): void {
  clearTimeout(running.timer);
  const { waitMs, lastError } = running.pace.next(ms);
  if (lastError) running.timer = setTimeout(end, waitMs, running, lastError);
  else if (waitMs > 0) running.timer = setTimeout(readIfNeeded, waitMs, running);
  else void readOnce(running);
}

function readIfNeeded<Row>(running: Running<Row>): void {
  const { options, followers, pace, state, isOutdated } = running;
  const isNeeded = pace.isMissing() || isOutdated || followers.hasLate();
  if (isNeeded || state === null || !options.isCovered(state)) void readOnce(running);
  else {
    pace.noteState(false);
    readIn(running, pace.usualMs());
  }
}

async function readOnce<Row>(running: Running<Row>): Promise<void> {
  const { options, followers, pace, stopped } = running;
  clearTimeout(running.timer);
  running.isReading = true;
  running.isGathering = false;
  running.isOutdated = false;
  followers.beginRead();
  const readAt = performance.now();
  try {
    const row = await options.read(stopped.signal, pace.deadline(options.timeoutMs));
    if (stopped.signal.aborted) return;
    judge(running, row, readAt);
  } catch (error) {
    if (!stopped.signal.aborted) fail(running, error);
  }
  running.isReading = false;
  if (!stopped.signal.aborted) readIn(running, running.isOutdated || followers.hasLate() ? 0 : pace.usualMs());
}

function judge<Row>(running: Running<Row>, row: Row | null, readAt: number): void {
  const { options, followers, pace, state } = running;
  if (row === null) {
    if (pace.noteMissing(readAt)) end(running, null);
    return;
  }
  pace.noteFound();
  // Nobody must see an older state after a change.
  if (running.isOutdated) return;
  running.state = options.stateOf(row);
  const isChanged = running.state !== state;
  pace.noteState(isChanged);
  followers.tell(row, isChanged);
}

function fail<Row>(running: Running<Row>, error: unknown): void {
  const failure = error instanceof Error ? error : new Error('The object could not be read.', { cause: error });
  if (running.pace.noteFailure(failure)) end(running, failure);
}

/** Tells all followers the last state. */
function end<Row>(running: Running<Row>, last: null | Error): void {
  const all = running.followers.clear();
  stop(running);
  for (const follower of all) follower(last);
}

function stop<Row>({ options, followers, stopped, timer }: Running<Row>): void {
  if (stopped.signal.aborted) return;
  clearTimeout(timer);
  followers.clear();
  stopped.abort();
  options.onEnd();
}
