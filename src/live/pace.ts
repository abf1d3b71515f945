import { BlockStorageError } from '../block-storage/error.ts';
import { UpstreamError } from '../upstream/error.ts';

/** Decides when an object is read next, and when its followers learn that it is gone or cannot be read. */
export interface Pace {
  /** The end of a read that starts now, on the clock of `performance.now()`. */
  readonly deadline: (timeoutMs: number) => number;
  /** A read has found the object. */
  noteFound(): void;
  /** A read has shown the current state. */
  noteState(isChanged: boolean): void;
  /** A read has not found the object. True if the object is gone. */
  noteMissing(readAt: number): boolean;
  /** Whether the last read has not found the object. */
  isMissing(): boolean;
  /** A read has failed. True if there is no point in another one. */
  noteFailure(error: Error): boolean;
  /** The object has changed: read often again for a while. */
  noteChange(): void;
  /** Milliseconds to the next read, as the last read suggests. */
  readonly usualMs: () => number;
  /**
   * @param ms after which a read is wanted.
   * @returns how long to wait, because the region may ask for more time; and the error to end with after that, if the
   * followers have waited too long by then.
   */
  next(ms: number): { readonly waitMs: number; readonly lastError: Error | null };
}

/** The longest time from one read to the next, in milliseconds: some reads have to fail before patience ends. */
const longestMs = 30_000;

/** How long an object may be unknown before its followers learn it, in milliseconds. */
const patienceMs = 60_000;

/** @param intervalMs the shortest time from one read to the next. */
export function createPace(intervalMs: number): Pace {
  let failure: Error | null = null;
  // Both on the clock of `performance.now()`.
  let goodAt = performance.now();
  let notBefore = goodAt;
  let usualMs = intervalMs;
  /** Since when no read has found the object; null if the last one has. Once is no proof: a replica may lag. */
  let missingSince: number | null = null;

  const patientUntil = () => goodAt + patienceMs;
  const slower = (ms: number) => Math.min(ms * 1.2, intervalMs * 10, longestMs);

  return {
    deadline: (timeoutMs) => Math.min(performance.now() + timeoutMs, patientUntil()),
    noteFound() {
      missingSince = null;
    },
    noteState(isChanged) {
      usualMs = isChanged ? intervalMs : slower(usualMs);
      goodAt = performance.now();
      failure = null;
    },
    noteMissing(readAt) {
      missingSince ??= readAt;
      return readAt - missingSince >= intervalMs;
    },
    isMissing: () => missingSince !== null,
    noteFailure(error) {
      usualMs = failure ? slower(usualMs) : intervalMs;
      failure = error;
      if (error instanceof BlockStorageError && error.retryAfter !== null)
        notBefore = performance.now() + error.retryAfter * 1000;
      return !mayPass(error) || performance.now() >= patientUntil();
    },
    noteChange() {
      usualMs = intervalMs;
    },
    usualMs: () => (missingSince === null ? usualMs : intervalMs),
    next(ms) {
      const now = performance.now();
      const waitMs = Math.max(ms, notBefore - now);
      const patientMs = Math.max(0, patientUntil() - now);
      return failure && patientMs < waitMs ? { waitMs: patientMs, lastError: failure } : { waitMs, lastError: null };
    },
  };
}

/** Whether the fault may pass. */
export function mayPass(error: unknown): boolean {
  return error instanceof BlockStorageError ? passing.has(error.code) : error instanceof UpstreamError;
}

const passing: ReadonlySet<string> = new Set([
  'RATE_LIMITED',
  'UPSTREAM_ERROR',
  'UPSTREAM_TIMEOUT',
  'UPSTREAM_UNAVAILABLE',
]);
