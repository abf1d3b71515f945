import {
  createSourceEventStream,
  isSubscriptionOperationDefinitionNode,
  mapSourceToResponseEvent,
  type ValidatedExecutionArgs,
  type ValidatedSubscriptionArgs,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { eventsNeeded } from '../messages/events-needed.ts';
import type { PlannedExecution } from './planned-execution.ts';
import { type OperationArgs, validatedArgs } from './validated-args.ts';

/** Executes queries and mutations by plans, and each event of a subscription like a query. graphql-js begins subscriptions. */
export function usePlannedExecution(execute: PlannedExecution): Plugin<Context> {
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
