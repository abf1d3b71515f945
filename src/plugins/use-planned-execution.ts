import {
  createSourceEventStream,
  type ExecutionArgs,
  type ExecutionResult,
  GraphQLError,
  mapSourceToResponseEvent,
  type ValidatedExecutionArgs,
  validateExecutionArgs,
  validateSubscriptionArgs,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { codedError } from '../errors/coded-error.ts';
import { createPlanner } from '../execution/plan.ts';
import { type Executed, runPlan } from '../execution/run.ts';
import type { Room } from '../execution/run-state.ts';
import { startWriting } from './answer-memory.ts';

/**
 * Executes by plans that are made once for each document, and writes the answer as it goes: most of the time of a large
 * answer would else go into finding out the same for each of its objects. What it means is what graphql-js does, which
 * also begins subscriptions: each of their events is executed like a query.
 */
export function usePlannedExecution(): Plugin<Context> {
  const planOf = createPlanner();

  function execute(args: ValidatedExecutionArgs): ExecutionResult | Promise<ExecutionResult> {
    const root = args.schema.getRootType(args.operation.operation);
    // Validation has seen to it.
    if (!root) return { errors: [new GraphQLError(`The schema has no ${args.operation.operation}.`)] };
    // The server hands on the context that it was given.
    const writing = startWriting(args.contextValue as Context, args.operation.operation === 'mutation');
    const executed = runPlan(args, planOf(args, root), room, writing.pace);
    const paid = executed instanceof Promise ? executed.then(writing.finish) : writing.finish(executed);
    return paid instanceof Promise ? paid.then(toResult) : toResult(paid);
  }

  return {
    onExecute({ setExecuteFn }) {
      setExecuteFn((args: ExecutionArgs) => {
        const validated = validateExecutionArgs(args);
        return 'schema' in validated ? execute(validated) : { errors: validated };
      });
    },
    onSubscribe({ args: { contextValue: context }, setSubscribeFn }) {
      setSubscribeFn(async (args: ExecutionArgs) => {
        if (!context.accepts.events) return { errors: [eventsNeeded()] };
        const validated = validateSubscriptionArgs(args);
        if (!('schema' in validated)) return { errors: validated };
        const events = await createSourceEventStream(validated);
        if (!(Symbol.asyncIterator in events)) return events;
        // What one event has read is of yesterday for the next.
        return mapSourceToResponseEvent(validated, events, async (event) => {
          const renewed = context.renew();
          try {
            return await execute({ ...event, contextValue: renewed });
          } finally {
            renewed.caller.memory.close();
          }
        });
      });
    },
  };
}

/** In `application/json` its status is 200 like that of any request which GraphQL refuses. */
export function eventsNeeded(): GraphQLError {
  return new GraphQLError('A subscription is answered in server-sent events. Accept text/event-stream.', {
    extensions: { code: 'BAD_USER_INPUT', http: { status: 406, spec: true } },
  });
}

const maxCharacters = 32 * 1024 * 1024;

/**
 * A heap of 512 MiB holds about as many, at some 4 KB each. A query at the default limit of objects comes to as many: half of
 * its objects are connections.
 */
const maxPromised = 100_000;

/** An object that is asked for a hundred times is held once, but written a hundred times. */
export const room: Room = {
  characters: maxCharacters,
  tooLarge: () =>
    codedError(
      'QUERY_TOO_COMPLEX',
      `The answer has more than ${maxCharacters} characters. Ask for fewer rows with "first", or for fewer fields; what was written is written.`,
    ),
  promised: maxPromised,
  tooManyPromised: () =>
    codedError(
      'QUERY_TOO_COMPLEX',
      `The answer has more than ${maxPromised} nested objects. Ask for fewer rows with "first", or for fewer levels.`,
    ),
};

/** A result whose data are text already: they are put into the answer as they are. */
interface WrittenResult extends ExecutionResult {
  readonly stringify: (result: ExecutionResult) => string;
}

function toResult({ data, errors }: Executed): ExecutionResult | WrittenResult {
  if (data === undefined) return { errors };
  return {
    ...(errors.length > 0 ? { errors } : {}),
    data: data === null ? null : {},
    stringify({ errors, extensions }) {
      const members = [
        ...(errors === undefined ? [] : [`"errors":${JSON.stringify(errors)}`]),
        `"data":${data}`,
        ...(extensions === undefined ? [] : [`"extensions":${JSON.stringify(extensions)}`]),
      ];
      return `{${members.join(',')}}`;
    },
  };
}

/** An answer as JSON. */
export function stringifyResult(result: ExecutionResult | WrittenResult): string {
  return 'stringify' in result ? result.stringify(result) : JSON.stringify(result);
}
