import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { eachResult } from './each-result.ts';

/** Adds the REST calls made for a request to its answer, as `extensions.upstream`. */
export function useShownExchanges(): Plugin<object, Context> {
  return {
    onExecutionResult(payload) {
      const { shownExchanges, report } = payload.context;
      // The calls for an event belong to no request, or to the event alone.
      if (!shownExchanges || report.operation === 'subscription') return;
      eachResult(payload, (result) => {
        // Of an answer in parts all are known with the last.
        const isLast = !('hasNext' in result && result.hasNext);
        if (!isLast) return;
        // The class of a fault is for the operator alone.
        const upstream = shownExchanges.map(({ region, method, path, status, failure, milliseconds, bytes }) => {
          return { region, method, path, status, failure, milliseconds, bytes };
        });
        Object.assign(result, { extensions: { ...result.extensions, upstream } });
      });
    },
  };
}
