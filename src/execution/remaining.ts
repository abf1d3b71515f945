import type { Run } from './run-state.ts';

export function takeCharacters(run: Run, characters: number): void {
  run.remaining -= characters;
  if (run.remaining < 0) throw new Error('There is no room for it.');
}

/** Ends the writing of an answer for which too much is promised. */
export function endWriting(run: Run, promised: PromiseLike<unknown>): never {
  // Nothing waits for this promise any more. Without a handler its rejection would end the process.
  promised.then(undefined, () => {});
  run.remaining = Number.NEGATIVE_INFINITY;
  throw new Error('Too much is promised.');
}
