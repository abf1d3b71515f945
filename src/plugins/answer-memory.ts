import type { Context } from '../context.ts';
import { codedError } from '../errors.ts';
import type { Executed, Pace } from '../execution/run.ts';
import type { Hold } from '../fairness/memory.ts';

/** Characters that are written without a check of the time: less than a millisecond's work. */
const charactersAtLeast = 8 * 1024;

/** Characters that are written before they are paid for. */
const charactersAtOnce = 1024 * 1024;

/** In bytes. An answer up to this size is only counted: the number of connections bounds all of them together. */
const smallBytes = 16 * 1024;

/** Bytes that a character takes while an answer is written: as text, in two copies for a moment, and as bytes. */
const bytesPerCharacter = 4;

/** One answer while it is written, and the memory that it takes. */
export interface Writing {
  readonly pace: Pace;
  /** What was executed, when the answer is paid for; or why it is not sent. */
  readonly finish: (executed: Executed) => Executed | Promise<Executed>;
}

/**
 * Pays for an answer, part by part while it is written and then as the bytes that it is sent as. What is changed is
 * changed, so the answer to a mutation is counted and never refused.
 */
export function startWriting({ caller, answer }: Context, isMutation: boolean): Writing {
  let hold: Hold | null = null;
  let taken = 0;
  let refused: Executed | null = null;
  let pausing: Promise<void> | null = null;
  /** The characters at the last check of the time, and those that are paid for. */
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

  /** Waits for a turn, if there is to be one, and pays for what was written since the last pause. */
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
      // An answer may have thousands of short lists: they wait together.
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

/** @param ofCaller whether the caller has its share, or else nobody is given any. */
export function noMemory(ofCaller: boolean) {
  const why = ofCaller
    ? 'your requests hold all the memory that one caller may have. Wait a second, then try again, or ask for less at once.'
    : 'the gateway has no memory left. Wait a second, then try again.';
  return codedError('OVERLOADED', `The answer was not written: ${why}`, { retryAfter: 1 });
}
