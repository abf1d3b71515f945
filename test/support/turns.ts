import type { Breathe } from '../../src/block-storage/client.ts';
import { createTurns } from '../../src/fairness/turns.ts';

/** Counts turns of the event loop from now on. */
export function countTurns(): { readonly stop: () => number } {
  let turns = 0;
  let isOver = false;
  const next = () =>
    setImmediate(() => {
      if (isOver) return;
      turns++;
      next();
    });
  next();
  return {
    stop() {
      isOver = true;
      return turns;
    },
  };
}

/** Pauses as a request of alice's does that is alone. */
export function breatheAlone(): Breathe {
  const turns = createTurns();
  const until = { deadline: performance.now() + 60_000, signal: new AbortController().signal };
  return () => {
    const turn = turns.goOn('alice', until);
    return turn === null ? null : turn.then(() => {});
  };
}
