import type { GraphQLError, GraphQLResolveInfo, ValidatedExecutionArgs } from 'graphql';

/** One execution. */
export interface Run {
  readonly args: ValidatedExecutionArgs;
  readonly errors: GraphQLError[];
  /** Where a value has become null because of an error: what fails below it later is of no interest. */
  readonly nulled: Set<Path | undefined>;
  readonly limits: AnswerLimits;
  /** Characters that may still be written. */
  remaining: number;
  readonly nextPause: NextPause;
  /** Resolvers so far that have given a promise. */
  promised: number;
  /** Fields whose last promised value was written without a new promise. Only these wait in line: see write.ts. */
  readonly quiet: Set<object>;
  /** Promised values that are here, and wait until they may be written. */
  readonly waiting: Set<Waiting>;
}

export interface Waiting {
  readonly goOn: () => void;
  readonly giveUp: (error: unknown) => void;
}

/** How large an answer may become, and what is said of one that is larger. */
export interface AnswerLimits {
  readonly characters: number;
  /** Values that resolvers may promise: each holds memory until the answer is written. */
  readonly promised: number;
  readonly tooLarge: () => GraphQLError;
  readonly tooManyPromised: () => GraphQLError;
}

/**
 * Asked between the entries of lists: null while the answer may be written on, else resolves when it may. Rejects if the
 * request's time is up first.
 * @param written characters of the answer so far.
 */
export type NextPause = (written: number) => Promise<void> | null;

/** Where in the answer a value is. */
export type Path = NonNullable<GraphQLResolveInfo['path']>;
