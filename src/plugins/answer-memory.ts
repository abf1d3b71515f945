import type { Context } from '../context.ts';
import { codedError } from '../errors.ts';
import type { Executed, Pace } from '../execution/run.ts';
import { type Hold, smallBytes } from '../fairness/memory.ts';

/** The characters between two checks of the time: less than a millisecond of work. */
const charactersAtLeast = 8 * 1024;

/** The most characters that are written before memory is claimed for them. */
const charactersAtOnce = 1024 * 1024;

/** Bytes charged per character while an answer is written: for a moment there are two copies of the text, and its bytes. */
const bytesPerCharacter = 4;

/** The memory of one answer while it is written. */
export interface Writing {
  readonly pace: Pace;
  /** Claims the memory that is still missing. Gives the result, or the errors to send in its place. */
  readonly finish: (executed: Executed) => Executed | Promise<Executed>;
}

/**
 * Claims memory for an answer: part by part while it is written, then for the bytes that are sent. The answer to a mutation
 * never waits and is never refused, because the mutation has already been carried out.
 */
export function startWriting({ caller, answer }: Context, isMutation: boolean): Writing {
  let hold: Hold | null = null;
  let taken = 0;
  let refused: Executed | null = null;
  let pausing: Promise<void> | null = null;
  /** The characters written at the last check of the time, and at the last claim. */
  let [askedAt, paidFor] = [0, 0];

  async function take(bytes: number): Promise<void> {
    hold ??= caller.memory.hold('answers');
    const shortage = await hold.grow(bytes, caller);
    if (shortage === null) taken += bytes;
    else refused = { data: undefined, errors: [noMemory(shortage === 'ofCaller')] };
  }

  async function finishLarge(executed: Executed, characters: number): Promise<Executed> {
    const bytes = characters * bytesPerCharacter;
    if (bytes > taken) await take(bytes - taken);
    if (refused) hold?.keep(0);
    else answer.hold = hold;
    return refused ?? executed;
  }

  /** Waits for the turn, if there is one, then claims memory for what was written since the last claim. */
  async function pause(turn: Promise<boolean> | null, written: number): Promise<void> {
    try {
      if (turn && !(await turn)) throw noTime();
      caller.memory.noteProgress();
      if (isMutation) return;
      await take((written - paidFor) * bytesPerCharacter);
      paidFor = written;
      if (refused) throw new Error('There is no memory for it.');
    } finally {
      pausing = null;
    }
  }

  return {
    pace(written) {
      // An answer may have thousands of short lists. They share one pause.
      if (pausing) return pausing;
      if (written - askedAt < charactersAtLeast) return null;
      askedAt = written;
      const turn = caller.turns.goOn(caller.owner, caller);
      if (turn || (!isMutation && written - paidFor >= charactersAtOnce)) pausing = pause(turn, written);
      return pausing;
    },
    finish(executed) {
      if (refused) {
        hold?.keep(0);
        return refused;
      }
      const { data } = executed;
      if (data == null) return executed;
      if (!isMutation && (taken > 0 || data.length > smallBytes)) return finishLarge(executed, data.length);
      caller.memory.count('answers', data.length);
      return executed;
    },
  };
}

function noTime() {
  return codedError('OVERLOADED', 'The gateway had no time to write the answer. Wait a second, then try again.', {
    retryAfter: 1,
  });
}

/** @param ofCaller true if the caller’s share is used up, false if the gateway’s budget is. */
export function noMemory(ofCaller: boolean) {
  const why = ofCaller
    ? 'your requests hold all the memory that one caller may have. Wait a second, then try again, or ask for less at once.'
    : 'the gateway has no memory left. Wait a second, then try again.';
  return codedError('OVERLOADED', `The answer was not written: ${why}`, { retryAfter: 1 });
}
