import { performance } from 'node:perf_hooks';

/** Measures the event loop: its delay, and how fast it does the work of requests. */
export interface EventLoop {
  /** How long input that is read now may have waited for the event loop, in milliseconds. */
  delay(): number;
  /** The moving average of the delay, in milliseconds. A single pause hardly changes it. */
  averageDelay(): number;
  /** Counts work that was done, in microseconds as estimated by `work.ts`. */
  noteWork(work: number): void;
  /** Estimated work done per active time of the event loop: 1 if the estimate is exact, less on a slow or shared machine. */
  speed(): number;
  close(): void;
}

/** Milliseconds between two measurements. */
const intervalMs = 20;

/** The weight of the latest measurement in the moving averages. */
const weights = { delay: 0.1, speed: 0.3 };

/** The active time of the event loop per sample of the speed, in milliseconds. */
const sampleMs = 250;

/** Samples below the least are ignored: the time went into work that is not counted, such as refusing requests. */
const speeds = { least: 0.3, most: 2 };

export function createEventLoop(): EventLoop {
  let measuredAt = performance.now();
  let delay = 0;
  let averageDelay = 0;
  let sampledAt = performance.eventLoopUtilization();
  let work = 0;
  let speed = 1;

  function measure(): void {
    const now = performance.now();
    delay = Math.max(0, now - measuredAt - intervalMs);
    averageDelay += weights.delay * (delay - averageDelay);
    measuredAt = now;
    const { active } = performance.eventLoopUtilization(sampledAt);
    if (active >= sampleMs) sample(active);
  }

  function sample(activeMs: number): void {
    const sampled = work / (activeMs * 1000);
    if (sampled >= speeds.least) speed += weights.speed * (Math.min(sampled, speeds.most) - speed);
    sampledAt = performance.eventLoopUtilization();
    work = 0;
  }

  const timer = setInterval(measure, intervalMs).unref();
  return {
    // Input that is read in the same iteration of the event loop as a late measurement has waited as long.
    delay: () => Math.max(delay, performance.now() - measuredAt - intervalMs),
    averageDelay: () => averageDelay,
    noteWork(done) {
      work += done;
    },
    speed: () => speed,
    close: () => clearInterval(timer),
  };
}
