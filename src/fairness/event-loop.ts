import { performance } from 'node:perf_hooks';

/** What is known of the event loop: how late it is, and how fast work is done. */
export interface EventLoop {
  /** How long something that is read now may have waited until the event loop came to it, in milliseconds. */
  delay(): number;
  /** How late it has been lately, in milliseconds: one pause says little of the next second. */
  averageDelay(): number;
  /** Told of work that was done, in microseconds as estimated. */
  noteWork(work: number): void;
  /** Seconds of estimated work that a second of the event loop is enough for: less on a slow machine, or one that others use. */
  speed(): number;
  close(): void;
}

/** Milliseconds between two looks. */
const intervalMs = 20;

/** What the last look counts for in the average delay, and the last sample in the speed. */
const weights = { delay: 0.1, speed: 0.3 };

/** Milliseconds of the event loop after which there is a sample of the speed. */
const sampleMs = 250;

/** A sample below the least says that the time went into what is not counted, such as to refuse requests. */
const speeds = { least: 0.3, most: 2 };

export function createEventLoop(): EventLoop {
  let lookedAt = performance.now();
  let delay = 0;
  let averageDelay = 0;
  let sampledAt = performance.eventLoopUtilization();
  let work = 0;
  let speed = 1;

  function look(): void {
    const now = performance.now();
    delay = Math.max(0, now - lookedAt - intervalMs);
    averageDelay += weights.delay * (delay - averageDelay);
    lookedAt = now;
    const { active } = performance.eventLoopUtilization(sampledAt);
    if (active >= sampleMs) sample(active);
  }

  function sample(activeMs: number): void {
    const sampled = work / (activeMs * 1000);
    if (sampled >= speeds.least) speed += weights.speed * (Math.min(sampled, speeds.most) - speed);
    sampledAt = performance.eventLoopUtilization();
    work = 0;
  }

  const timer = setInterval(look, intervalMs).unref();
  return {
    // What is read in the same round of the event loop as a late look has waited as long.
    delay: () => Math.max(delay, performance.now() - lookedAt - intervalMs),
    averageDelay: () => averageDelay,
    noteWork(done) {
      work += done;
    },
    speed: () => speed,
    close: () => clearInterval(timer),
  };
}
