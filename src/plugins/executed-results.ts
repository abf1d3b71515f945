import type { ExecutionResult } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { maskError } from '../messages/mask-error.ts';

/** Results of operations that were executed outside of the GraphQL server. */
export interface ExecutedResults {
  /** Gives the server a result, which takes the place of executing the next operation of the same context. */
  set(context: Context, result: ExecutionResult): void;
  readonly plugin: Plugin<object, Context>;
}

export function createExecutedResults(): ExecutedResults {
  const results = new WeakMap<Context, ExecutionResult>();
  return {
    set(context, result) {
      const { errors } = result;
      // The server masks the errors of what it executes itself.
      results.set(context, errors ? { ...result, errors: errors.map(maskError) } : result);
    },
    plugin: {
      onParams({ context, setResult }) {
        const result = results.get(context);
        if (result) setResult(result);
      },
    },
  };
}
