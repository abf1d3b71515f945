import { knownStatus, unknownStatus } from '../block-storage/status.ts';
import { builder } from './builder.ts';

export type StatusEnum = ReturnType<typeof statusEnum>;

/** An enum of the guide's statuses, upper case, `-` becomes `_`, and `UNKNOWN` for any other word. */
export function statusEnum<Word extends string>(name: string, noun: string, statuses: Readonly<Record<Word, string>>) {
  const values = Object.fromEntries(
    Object.entries<string>(statuses).map(([word, description]) => [
      word.toUpperCase().replaceAll('-', '_'),
      { value: word, description },
    ]),
  );
  const unknown = { value: unknownStatus, description: 'A word that this schema does not know; see `statusText`.' };
  const ref = builder.enumType(name, {
    description: `What a ${noun} is doing.`,
    values: { ...values, [unknownStatus]: unknown },
  });
  return {
    ref,
    /** The enum's value for an upstream's word. */
    read: (word: string | null) => knownStatus(statuses, word),
  };
}
