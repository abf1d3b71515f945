import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { badInput, codedError, explain } from '../errors.ts';
import type { Logger } from '../logger.ts';

/** How many errors of one cause an answer lists: a failed list behind a thousand objects is told ten times. */
const maxOfOneCause = 10;

/** Turns any error into what callers may see: ours as they are, unknown ones masked. Path and locations stay. */
export function maskError(error: unknown): Error {
  if (!(error instanceof GraphQLError)) return explain(error) ?? masked();
  const { originalError, path } = error;
  // What GraphQL itself complains of before any resolver ran, such as a variable of a wrong type, is the caller's.
  const own = 'code' in error.extensions ? withoutCause(error) : path ? null : badInput(error.message);
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

/** GraphQL prints the values of a request that it refuses, and one of them may be a key: what is wrong and where stays. */
function withoutValues(error: GraphQLError): GraphQLError {
  if (error.path) return error;
  const message = error.message
    .replace(/(,? ?\b[Ff]ound:? |(?<! has invalid )\bvalue: )[\s\S]*$/, '')
    .replace(/( got invalid value)[\s\S]*(?= at "[\w.[\]]+";|; Expected)/, '$1')
    .trimEnd();
  const { nodes, source, positions, extensions } = error;
  return new GraphQLError(message, { nodes, source, positions, extensions });
}

/** What the JSON parser says of a body that it cannot read quotes the body. That there was a cause decides the status. */
function withoutCause({ message, extensions }: GraphQLError): GraphQLError {
  const shown = 'originalError' in extensions ? { ...extensions, originalError: { name: 'SyntaxError' } } : extensions;
  return new GraphQLError(message, { extensions: shown });
}

function masked(): GraphQLError {
  return codedError(
    'INTERNAL_SERVER_ERROR',
    'The gateway failed. Try again later, or give the operator the request id.',
  );
}

/** Shortens the list of errors, saying so, and logs what was masked, each cause once. */
export function useErrorReport(logger: Logger): Plugin<object, Context> {
  return {
    onExecutionResult({ result, context }) {
      if (!result || Array.isArray(result) || Symbol.asyncIterator in result || !result.errors) return;
      const byCause = Map.groupBy(result.errors, causeOf);
      for (const [error] of byCause.values()) {
        if (error?.extensions.code !== 'INTERNAL_SERVER_ERROR') continue;
        const { path, originalError } = error;
        logger.error({ requestId: context.caller.requestId, path, error: originalError ?? error }, 'a resolver failed');
      }
      result.errors = Array.from(byCause.values(), shorten).flat().map(withoutValues);
    },
  };
}

/** What errors have in common that say the same of many objects: text, code and place, whichever object it is. */
function causeOf({ message, extensions, path }: GraphQLError): string {
  return JSON.stringify([
    message,
    extensions.code,
    extensions.region,
    path?.filter((step) => typeof step === 'string'),
  ]);
}

function shorten(errors: GraphQLError[]): GraphQLError[] {
  const [first] = errors;
  if (!first || errors.length <= maxOfOneCause) return errors;
  const left = errors.length - maxOfOneCause;
  const said = new GraphQLError(`${left} more errors of this cause are not listed: ${first.message}`, {
    extensions: first.extensions,
  });
  return [...errors.slice(0, maxOfOneCause), said];
}
