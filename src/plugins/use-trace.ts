import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { eachResult } from './each-result.ts';

/** Adds the REST calls made for a request to its answer, as `extensions.upstream`. */
export function useTrace(): Plugin<object, Context> {
  return {
    onExecutionResult(payload) {
      const { trace, report } = payload.context;
      // The calls for an event are nobody's, or of the event alone.
      if (!trace || report.operation === 'subscription') return;
      eachResult(payload, (result) => {
        // Of an answer in parts all are known with the last.
        const isLast = !('hasNext' in result && result.hasNext);
        if (!isLast) return;
        // The class of a fault is for the operator alone.
        const upstream = trace.map(({ region, method, path, status, failure, milliseconds, bytes }) => {
          return { region, method, path, status, failure, milliseconds, bytes };
        });
        Object.assign(result, { extensions: { ...result.extensions, upstream } });
      });
    },
  };
}
