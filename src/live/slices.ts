import { setImmediate } from 'node:timers/promises';

/** Work goes on for this time before the event loop does other work, in milliseconds. */
const sliceMs = 5;

/** To be awaited between the steps of long work. Other work runs in between when a slice of time is used up. */
export function createSlices(): () => Promise<void> {
  let since = performance.now();
  return async () => {
    if (performance.now() - since < sliceMs) return;
    await setImmediate();
    since = performance.now();
  };
}
