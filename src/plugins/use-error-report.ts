import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { located } from '../messages/location.ts';
import { shorten } from '../messages/shorten.ts';
import type { Logger } from '../telemetry/logger.ts';
import { eachResult, type Part, withParts } from './each-result.ts';

/** How many errors of one cause an answer lists: a failed list behind a thousand objects is told ten times. */
const maxOfOneCause = 10;

/** How long a message of GraphQL's own may be: the names in it are the request's, which may be as long as the request. */
const maxMessage = 500;

/** Shortens the list of errors, saying so, and logs what was masked, each cause once. */
export function useErrorReport(logger: Logger): Plugin<Context, Context> {
  function report(part: Part, caller: Context['caller']): void {
    if (!part.errors) return;
    const byCause = Map.groupBy(part.errors, causeOf);
    for (const [error] of byCause.values()) {
      if (error?.extensions.code !== 'INTERNAL_SERVER_ERROR') continue;
      const { path, originalError } = error;
      logger.error({ requestId: caller.requestId, path, error: originalError ?? error }, 'a resolver failed');
    }
    const listed = Array.from(byCause.values(), firstOf).flat();
    // An error without a path is GraphQL's own, which refuses the request.
    const errors = listed.map((error) =>
      located(error, error.path ? error.message : shorten(error.message, maxMessage)),
    );
    // What a hook is given is its own to change.
    Object.assign(part, { errors });
  }

  return {
    onExecutionResult: (payload) =>
      eachResult(payload, (result) => {
        for (const part of withParts(result)) report(part, payload.context.caller);
      }),
  };
}

/** What errors have in common that say the same of many objects: text, code and place, whichever object it is. */
function causeOf({ message, extensions, path }: GraphQLError): string {
  return JSON.stringify([
    message.slice(0, maxMessage),
    extensions.code,
    extensions.region,
    path?.filter((step) => typeof step === 'string'),
  ]);
}

function firstOf(errors: GraphQLError[]): GraphQLError[] {
  const [first] = errors;
  if (!first || errors.length <= maxOfOneCause) return errors;
  const unlisted = errors.length - maxOfOneCause;
  const said = new GraphQLError(`${unlisted} more errors of this cause are not listed: ${first.message}`, {
    extensions: first.extensions,
  });
  return [...errors.slice(0, maxOfOneCause), said];
}
