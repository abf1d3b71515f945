import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';

/** Hands on the parameters that the front has read, so that the GraphQL server does not read them again. */
export function useParams(): Plugin<object, Context> {
  return {
    onParams({ context, setParams }) {
      setParams(context.params);
    },
  };
}
