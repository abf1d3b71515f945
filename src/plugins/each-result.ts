import type { ExecutionResult, GraphQLError, SubsequentIncrementalExecutionResult } from 'graphql';
import { mapAsyncIterator, type Plugin } from 'graphql-yoga';

type Payload = Parameters<NonNullable<Plugin['onExecutionResult']>>[0];

/** Visits the result of an operation; of a subscription, and of an answer in parts, each as it comes. */
export function eachResult(
  { result, setResult }: Pick<Payload, 'result' | 'setResult'>,
  visit: (result: ExecutionResult) => void,
): void {
  if (!result) return;
  if (!(Symbol.asyncIterator in result)) visit(result);
  else
    setResult(
      mapAsyncIterator(result, (event: ExecutionResult) => {
        visit(event);
        return event;
      }),
    );
}

/** What may have errors of its own. */
export interface Part {
  readonly errors?: readonly GraphQLError[];
}

/** A result, and what it brings later than the first one did, because of `@defer`. */
export function withParts(
  result: ExecutionResult & Pick<SubsequentIncrementalExecutionResult, 'incremental' | 'completed'>,
): readonly Part[] {
  return [result, ...(result.incremental ?? []), ...(result.completed ?? [])];
}
