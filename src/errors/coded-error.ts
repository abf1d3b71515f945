import { GraphQLError } from 'graphql';
import type { ErrorCode, RequestErrorCode } from './codes.ts';
import type { RegionError } from './partial-failure.ts';

/** An error that callers see as it is. */
export function codedError(
  code: ErrorCode | RequestErrorCode,
  message: string,
  details: ErrorDetails = {},
): GraphQLError {
  return new GraphQLError(message, { extensions: { code, ...details } });
}

/** The caller's own mistake; the message says what to mend. For an argument there is `badArgument`. */
export function badInput(message: string): GraphQLError {
  return codedError('BAD_USER_INPUT', message);
}

/**
 * A mistake in an argument.
 * @param says what follows the name of the argument in the message.
 */
export function badArgument(argument: ArgumentPath, says: string): GraphQLError {
  return codedError('BAD_USER_INPUT', `"${pathText(argument)}" ${says}`, { argument });
}

/** Where in the arguments of a field, list indexes among it: `["input", "ids", 3]`. */
export type ArgumentPath = readonly [argument: string, ...within: readonly (string | number)[]];

/** What stands beside the code in `extensions`. */
export interface ErrorDetails {
  /** Which part of the field's arguments is wrong. */
  readonly argument?: ArgumentPath;
  /** Which variable is wrong. */
  readonly variable?: string;
  readonly region?: string;
  readonly upstream?: { readonly status: number | null; readonly requestId: string | null };
  /** Seconds. */
  readonly retryAfter?: number;
  readonly outcomeUnknown?: true;
  /** Where all of several regions failed. */
  readonly failures?: readonly RegionError[];
}

/** `input.ids[3]` */
function pathText(path: readonly (string | number)[]): string {
  return path.map((key, index) => (typeof key === 'number' ? `[${key}]` : index === 0 ? key : `.${key}`)).join('');
}
