import type { ExecutionResult } from 'graphql';
import type { Hold } from '../fairness/memory.ts';

/*
 * What plugins give the GraphQL server as the result of an operation, beside results as graphql-js makes them. The server
 * and its plugins copy results and add members; they keep the members that they do not know.
 */

/** A result whose data are JSON text. */
export interface WrittenResult extends ExecutionResult {
  /** `inText` if there are data, null if the data are null: readers of `ExecutionResult` must not take it for the data. */
  readonly data: typeof inText | null;
  /** The data. */
  readonly text: string;
  /** The memory of a large text, which the encoder cuts to the size of its bytes. Null for a small one. */
  readonly hold: Hold | null;
}

/** Stands for data that are text. */
export const inText: Readonly<Record<string, never>> = Object.freeze({});

export function isWritten(result: ExecutionResult): result is WrittenResult {
  return 'text' in result;
}

/** The result of an operation that was not admitted, and therefore not executed. */
export interface NotAdmittedResult extends ExecutionResult {
  readonly isAdmitted: false;
}

/** A new object each time: the server's plugins may add to it. */
export function notAdmitted(): NotAdmittedResult {
  return { isAdmitted: false };
}

export function isNotAdmitted(result: object): result is NotAdmittedResult {
  return 'isAdmitted' in result;
}
