import type { Run } from './run-state.ts';

export function nextPause({ limits, remaining, nextPause }: Run): Promise<void> | null {
  return nextPause(limits.characters - remaining);
}

/** Null if the value may be written now. Otherwise the promise resolves when all values before it are written: thousands may wait. */
export function pauseInLine(run: Run): Promise<void> | null {
  const { waiting } = run;
  const pause = waiting.size > 0 ? null : nextPause(run);
  if (waiting.size === 0 && !pause) return null;
  return new Promise((goOn, giveUp) => {
    waiting.add({ goOn, giveUp });
    if (pause) void serveInLine(run, pause);
  });
}

async function serveInLine(run: Run, firstPause: Promise<void>): Promise<void> {
  const { waiting } = run;
  try {
    await firstPause;
    for (const value of waiting) {
      value.goOn();
      // It is written before this goes on.
      await Promise.resolve();
      const pause = nextPause(run);
      if (pause) await pause;
      waiting.delete(value);
    }
  } catch (error) {
    for (const { giveUp } of waiting) giveUp(error);
    waiting.clear();
  }
}
