import { setImmediate as nextTurn } from 'node:timers/promises';
import { type ExecutionArgs, GraphQLError, type GraphQLSchema, validateExecutionArgs } from 'graphql';
import { createPlanner } from '../../src/execution/plan.ts';
import { runPlan } from '../../src/execution/run.ts';
import type { NextPause } from '../../src/execution/run-state.ts';

/* Execution by plans, with room without bounds and with pauses while the answer is written. */

const planners = [true, false].map((hasLeafWriters) => createPlanner({ hasLeafWriters }));
let planned = 0;

/** Plans with writers of leaf fields, and without, in turn. */
export const planOf: ReturnType<typeof createPlanner> = (args, root) => {
  const planner = planners[planned++ % planners.length];
  if (!planner) throw new Error('a planner was expected');
  return planner(args, root);
};

export const unbounded = {
  characters: Number.MAX_SAFE_INTEGER,
  promised: Number.MAX_SAFE_INTEGER,
  tooLarge: () => new GraphQLError('too large'),
  tooManyPromised: () => new GraphQLError('too many'),
};
export const withoutPauses: NextPause = () => null;
let asked = 0;
export const oftenPausing: NextPause = () => (++asked % 2 === 0 ? nextTurn() : null);

export async function executePlannedOn(schema: GraphQLSchema, options: Omit<ExecutionArgs, 'schema'>, pace: NextPause) {
  const args = validateExecutionArgs({ schema, ...options });
  const root = schema.getQueryType();
  if (!('schema' in args) || !root) throw new Error('a valid query was expected');
  const { data } = await runPlan(args, planOf(args, root), unbounded, pace);
  return data ?? '';
}
