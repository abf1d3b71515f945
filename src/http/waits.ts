/**
 * The time during which a request waits for others than the gateway: for regions, or for the rest of its own body. Waits at
 * the same time count once.
 */
export interface Waits {
  /** Counts the time until the promise settles, and returns the promise. */
  during<Result>(promise: Promise<Result>): Promise<Result>;
  /** The time so far, with that of waits that are not over. */
  milliseconds(): number;
}

export function createWaits(): Waits {
  let underWay = 0;
  let since = 0;
  let total = 0;

  function end(): void {
    if (--underWay === 0) total += performance.now() - since;
  }

  return {
    during(promise) {
      if (underWay++ === 0) since = performance.now();
      // `end` is attached first, so it runs before the caller of `during` resumes.
      promise.then(end, end);
      return promise;
    },
    milliseconds: () => total + (underWay > 0 ? performance.now() - since : 0),
  };
}
