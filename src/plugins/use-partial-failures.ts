import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { eachResult } from './each-result.ts';

/**
 * Lists the regions that failed for fields which the others answered, as `extensions.failures` of the result. A client that
 * does not select `failures` must not take a short list for a whole one.
 */
export function usePartialFailures(): Plugin<object, Context> {
  return {
    onExecutionResult(payload) {
      const { partialFailures } = payload.context;
      eachResult(payload, (result) => {
        // The failures of an incremental response are complete with its last part.
        const isLast = !('hasNext' in result && result.hasNext);
        if (isLast && partialFailures.length > 0)
          Object.assign(result, { extensions: { ...result.extensions, failures: partialFailures } });
      });
    },
  };
}
