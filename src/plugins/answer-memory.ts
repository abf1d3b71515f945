import type { ExecutionResult } from 'graphql';
import type { Context } from '../context.ts';
import { codedError } from '../errors/coded-error.ts';
import type { Executed } from '../execution/run.ts';
import type { NextPause } from '../execution/run-state.ts';
import { type Hold, type Shortage, smallBytes } from '../fairness/memory.ts';
import { inText, type WrittenResult } from './operation-result.ts';

/** The characters between two checks of the time: less than a millisecond of work. */
const charactersAtLeast = 8 * 1024;

/** The most characters that are written before memory is claimed for them. */
const charactersAtOnce = 1024 * 1024;

/** Bytes charged per character while an answer is written: for a moment there are two copies of the text, and its bytes. */
const bytesPerCharacter = 4;

/** One answer while it is written, and the memory that it holds. */
export interface Writing {
  readonly caller: Context['caller'];
  readonly isMutation: boolean;
  /** Null until memory is claimed. */
  hold: Hold | null;
  /** Bytes claimed so far. */
  claimed: number;
  /** Why memory was refused. */
  shortage: Shortage | null;
  /** The pause that is being made. */
  pausing: Promise<void> | null;
  /** The characters written at the last check of the time. */
  checkedAt: number;
  /** The characters written at the last claim. */
  claimedAt: number;
}

/**
 * Claims memory for an answer: part by part while it is written, then for the bytes that are sent. The answer to a mutation
 * never waits and is never refused, because the mutation has already been carried out.
 */
export function startWriting({ caller }: Context, isMutation: boolean): Writing {
  return { caller, isMutation, hold: null, claimed: 0, shortage: null, pausing: null, checkedAt: 0, claimedAt: 0 };
}

export function nextPauseOf(writing: Writing): NextPause {
  return (written) => {
    // An answer may have thousands of short lists. They share one pause.
    if (writing.pausing) return writing.pausing;
    if (written - writing.checkedAt < charactersAtLeast) return null;
    writing.checkedAt = written;
    const { caller, isMutation, claimedAt } = writing;
    const turn = caller.turns.goOn(caller.owner, caller);
    if (turn || (!isMutation && written - claimedAt >= charactersAtOnce))
      writing.pausing = pause(writing, turn, written);
    return writing.pausing;
  };
}

/** Claims the memory that is still missing. Gives the result, or the errors to send instead of it. */
export function finishWriting(writing: Writing, executed: Executed): ExecutionResult | Promise<ExecutionResult> {
  const { caller, isMutation, claimed, shortage } = writing;
  if (shortage) return refuse(writing, shortage);
  const { data } = executed;
  if (data == null) return toResult(executed, null);
  if (!isMutation && (claimed > 0 || data.length > smallBytes)) return finishLarge(writing, executed, data.length);
  caller.memory.count('answers', data.length);
  return toResult(executed, null);
}

async function finishLarge(writing: Writing, executed: Executed, characters: number): Promise<ExecutionResult> {
  const bytes = characters * bytesPerCharacter;
  if (bytes > writing.claimed) await claim(writing, bytes - writing.claimed);
  return writing.shortage ? refuse(writing, writing.shortage) : toResult(executed, writing.hold);
}

function refuse({ hold }: Writing, shortage: Shortage): ExecutionResult {
  hold?.keep(0);
  return { errors: [noMemory(shortage)] };
}

/** Waits for the turn, if there is one, then claims memory for what was written since the last claim. */
async function pause(writing: Writing, turn: Promise<boolean> | null, written: number): Promise<void> {
  try {
    if (turn && !(await turn)) throw noTime();
    writing.caller.memory.noteProgress();
    if (writing.isMutation) return;
    await claim(writing, (written - writing.claimedAt) * bytesPerCharacter);
    writing.claimedAt = written;
    if (writing.shortage) throw new Error('There is no memory for it.');
  } finally {
    writing.pausing = null;
  }
}

async function claim(writing: Writing, bytes: number): Promise<void> {
  writing.hold ??= writing.caller.memory.hold('answers');
  const shortage = await writing.hold.grow(bytes, writing.caller);
  if (shortage === null) writing.claimed += bytes;
  else writing.shortage = shortage;
}

function toResult({ data, errors }: Executed, hold: Hold | null): ExecutionResult | WrittenResult {
  if (data === undefined) return { errors };
  const result = { data: data === null ? null : inText, text: data ?? 'null', hold };
  return errors.length > 0 ? { errors, ...result } : result;
}

function noTime() {
  return codedError('OVERLOADED', 'The gateway had no time to write the answer. Wait a second, then try again.', {
    retryAfter: 1,
  });
}

export function noMemory(shortage: Shortage) {
  const why =
    shortage === 'ofCaller'
      ? 'your requests hold all the memory that one caller may have. Wait a second, then try again, or ask for less at once.'
      : 'the gateway has no memory left. Wait a second, then try again.';
  return codedError('OVERLOADED', `The answer was not written: ${why}`, { retryAfter: 1 });
}
