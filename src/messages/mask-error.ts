import { GraphQLError } from 'graphql';
import { badInput } from '../errors/coded-error.ts';
import { explain } from '../errors/explain.ts';
import { argumentMistake } from '../execution/collect.ts';

/** Turns any error into what callers may see: ours as they are, unknown ones masked. Path and locations stay. */
export function maskError(error: unknown): GraphQLError {
  if (!(error instanceof GraphQLError)) return explain(error) ?? masked(error);
  const { originalError, path } = error;
  // What GraphQL itself complains of before any resolver ran, such as a variable of a wrong type, is the caller's.
  // GraphQL's executor says no more of arguments than a message.
  const mistake = argumentMistake(originalError ?? error);
  const own = 'code' in error.extensions ? error : (mistake ?? (path ? null : badInput(error.message)));
  const shown = (originalError && explain(originalError)) ?? own ?? masked();
  return new GraphQLError(shown.message, {
    nodes: error.nodes,
    source: error.source,
    positions: error.positions,
    path,
    extensions: shown.extensions,
    originalError: originalError ?? error,
  });
}

/** @param cause for the log. */
function masked(cause?: unknown): GraphQLError {
  const message = 'The gateway failed. Try again later, or give the operator the request id.';
  const originalError = cause instanceof Error ? cause : null;
  return new GraphQLError(message, { extensions: { code: 'INTERNAL_SERVER_ERROR' }, originalError });
}
