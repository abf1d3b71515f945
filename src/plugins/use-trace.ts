import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';

/** Adds the REST calls made for a request to its answer, as `extensions.upstream`. */
export function useTrace(): Plugin<object, Context> {
  return {
    onExecutionResult({ result, context }) {
      if (!context.trace || !result || Array.isArray(result) || Symbol.asyncIterator in result) return;
      result.extensions = { ...result.extensions, upstream: context.trace };
    },
  };
}
