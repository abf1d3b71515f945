import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';

/** Hands the parameters on that the front has read, so that the GraphQL server does not read the request again. */
export function useParams(): Plugin<object, Context> {
  return {
    onRequestParse({ serverContext, setRequestParser }) {
      setRequestParser(() => serverContext.requestParams);
    },
  };
}
