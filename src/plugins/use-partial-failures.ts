import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { eachResult } from './each-result.ts';

/**
 * Tells which regions failed for fields that the others answered, as `extensions.failures` of the result: also a client
 * that does not select `failures` must not take a short list for a whole one.
 */
export function usePartialFailures(): Plugin<object, Context> {
  return {
    onExecutionResult(payload) {
      const { partialFailures } = payload.context;
      eachResult(payload, (result) => {
        // Of an answer in parts all are known with the last.
        const isLast = !('hasNext' in result && result.hasNext);
        if (isLast && partialFailures.length > 0)
          Object.assign(result, { extensions: { ...result.extensions, failures: partialFailures } });
      });
    },
  };
}
