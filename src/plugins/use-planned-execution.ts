import {
  createSourceEventStream,
  type ExecutionResult,
  GraphQLError,
  isSubscriptionOperationDefinitionNode,
  mapSourceToResponseEvent,
  type ValidatedExecutionArgs,
  type ValidatedSubscriptionArgs,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { createPlanner } from '../execution/plan.ts';
import { runPlan } from '../execution/run.ts';
import { eventsNeeded } from '../messages/events-needed.ts';
import { answerLimits } from './answer-limits.ts';
import { finishWriting, nextPauseOf, startWriting } from './answer-memory.ts';
import { type OperationArgs, validatedArgs } from './validated-args.ts';

/**
 * Executes by plans that are made once for each document, and writes the answer as it goes: otherwise most of the time of a
 * large answer would go into finding out the same for each of its objects. The meaning is that of graphql-js, which also
 * begins subscriptions: each of their events is executed like a query.
 */
export function usePlannedExecution(): Plugin<Context> {
  const planOf = createPlanner();

  function execute(args: ValidatedExecutionArgs, context: Context): ExecutionResult | Promise<ExecutionResult> {
    const root = args.schema.getRootType(args.operation.operation);
    // Validation has seen to it.
    if (!root) return { errors: [new GraphQLError(`The schema has no ${args.operation.operation}.`)] };
    const writing = startWriting(context, args.operation.operation === 'mutation');
    const executed = runPlan(args, planOf(args, root), answerLimits, nextPauseOf(writing));
    return executed instanceof Promise
      ? executed.then((executed) => finishWriting(writing, executed))
      : finishWriting(writing, executed);
  }

  async function subscribe(args: OperationArgs) {
    if (!args.contextValue.accepts.events) return { errors: [eventsNeeded()] };
    const validated = validatedArgs(args);
    if (!('schema' in validated)) return { errors: validated };
    if (!isSubscription(validated)) throw new Error('The operation is not a subscription.');
    const events = await createSourceEventStream(validated);
    if (!(Symbol.asyncIterator in events)) return events;
    return mapSourceToResponseEvent(validated, events, async (event) => {
      // An event must not get what was read for the one before it.
      const renewed = args.contextValue.renew();
      try {
        return await execute({ ...event, contextValue: renewed }, renewed);
      } finally {
        renewed.caller.memory.close();
      }
    });
  }

  return {
    onExecute({ args, setExecuteFn }) {
      setExecuteFn(() => {
        const validated = validatedArgs(args);
        return 'schema' in validated ? execute(validated, args.contextValue) : { errors: validated };
      });
    },
    onSubscribe({ args, setSubscribeFn }) {
      setSubscribeFn(() => subscribe(args));
    },
  };
}

function isSubscription(args: ValidatedExecutionArgs): args is ValidatedSubscriptionArgs {
  return isSubscriptionOperationDefinitionNode(args.operation);
}
