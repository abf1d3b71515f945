import { type ExecutionResult, GraphQLError, type ValidatedExecutionArgs } from 'graphql';
import type { Context } from '../context.ts';
import { createPlanner } from '../execution/plan.ts';
import { runPlan } from '../execution/run.ts';
import { answerLimits } from './answer-limits.ts';
import { finishWriting, nextPauseOf, startWriting } from './answer-memory.ts';

/**
 * Executes by plans that are made once for each document, and writes the answer as it goes: otherwise most of the time of a
 * large answer would go into finding out the same for each of its objects. The meaning is that of graphql-js.
 */
export type PlannedExecution = (
  args: ValidatedExecutionArgs,
  context: Context,
) => ExecutionResult | Promise<ExecutionResult>;

/** @param options see `createPlanner`. */
export function createPlannedExecution(options: { readonly hasLeafWriters: boolean }): PlannedExecution {
  const planOf = createPlanner(options);
  return (args, context) => {
    const { operation } = args.operation;
    const root = args.schema.getRootType(operation);
    // Validation refuses such a document before.
    if (!root) return { errors: [new GraphQLError(`The schema has no ${operation}.`)] };
    const writing = startWriting(context, operation === 'mutation');
    const executed = runPlan(args, planOf(args, root), answerLimits, nextPauseOf(writing));
    return executed instanceof Promise
      ? executed.then((executed) => finishWriting(writing, executed))
      : finishWriting(writing, executed);
  };
}
