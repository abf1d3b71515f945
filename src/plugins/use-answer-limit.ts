import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { codedError } from '../errors.ts';

/** The most characters that an answer may have. */
const maxCharacters = 32 * 1024 * 1024;

/**
 * Refuses an answer that is too large before it is written. Until then an object that is asked for a hundred times is
 * held once; it is the text that would hold it a hundred times.
 */
export function useAnswerLimit(): Plugin<object, Context> {
  return {
    onExecutionResult(payload) {
      const { result } = payload;
      if (!result || Array.isArray(result) || Symbol.asyncIterator in result) return;
      if (isWithin(result.data, maxCharacters)) return;
      const message = `The answer has more than ${maxCharacters} characters. Ask for fewer rows with "first", or for fewer fields; what was written is written.`;
      payload.setResult({ errors: [codedError('QUERY_TOO_COMPLEX', message)] });
    },
  };
}

/** Whether a value written as JSON stays within so many characters, but for what is escaped. */
function isWithin(value: unknown, most: number): boolean {
  let left = most;
  const waiting: unknown[] = [value];
  while (waiting.length > 0 && left >= 0) {
    const next = waiting.pop();
    if (typeof next === 'string') left -= next.length + 3;
    else if (typeof next !== 'object' || next === null) left -= 6;
    else if (Array.isArray(next)) {
      left -= 2;
      for (const entry of next) waiting.push(entry);
    } else {
      left -= 2;
      for (const name in next) {
        left -= name.length + 3;
        waiting.push((next as Record<string, unknown>)[name]);
      }
    }
  }
  return left >= 0;
}
