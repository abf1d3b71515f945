import { CombinedGraphQLErrors, type ErrorLike } from '@apollo/client';

/** What the user is told of an error. */
export interface Failure {
  /** The gateway’s `extensions.code`; null where no answer of the gateway came. */
  readonly code: string | null;
  readonly message: string;
  /** A change may have been made all the same. */
  readonly outcomeUnknown: boolean;
}

export function failuresOf(error: ErrorLike): readonly Failure[] {
  // The answer was lost on the way, and with it whether a change was made.
  if (!CombinedGraphQLErrors.is(error)) return [{ code: null, message: error.message, outcomeUnknown: true }];
  return error.errors.map(({ message, extensions = {} }) => {
    const { code, outcomeUnknown } = extensions;
    return { code: typeof code === 'string' ? code : null, message, outcomeUnknown: outcomeUnknown === true };
  });
}
