import { codedError } from '../errors/coded-error.ts';
import type { AnswerLimits } from '../execution/run-state.ts';

const maxCharacters = 32 * 1024 * 1024;

/**
 * A heap of 512 MiB holds about as many, at some 4 KB each. A query at the default limit of objects comes to as many: half of
 * its objects are connections.
 */
const maxPromised = 100_000;

/** An object that is asked for a hundred times is held once, but written a hundred times. */
export const answerLimits: AnswerLimits = {
  characters: maxCharacters,
  tooLarge: () =>
    codedError(
      'QUERY_TOO_COMPLEX',
      `The answer has more than ${maxCharacters} characters. Ask for fewer rows with "first", or for fewer fields; what was written is written.`,
    ),
  promised: maxPromised,
  tooManyPromised: () =>
    codedError(
      'QUERY_TOO_COMPLEX',
      `The answer has more than ${maxPromised} nested objects. Ask for fewer rows with "first", or for fewer levels.`,
    ),
};
