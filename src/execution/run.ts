import type { GraphQLError, ValidatedExecutionArgs } from 'graphql';
import { addError } from './field-error.ts';
import type { ObjectPlan } from './field-plan.ts';
import type { AnswerLimits, NextPause, Run } from './run-state.ts';
import { isPending } from './text-parts.ts';
import { writeObject } from './write-object.ts';

/** What an operation came to. */
export interface Executed {
  /** As JSON; undefined where there was no room for it. */
  readonly data: string | null | undefined;
  readonly errors: readonly GraphQLError[];
}

/**
 * Carries out a plan as GraphQL's specification says (section 6), writing the answer as it goes, and no further than
 * there is room.
 */
export function runPlan(
  args: ValidatedExecutionArgs,
  plan: ObjectPlan,
  limits: AnswerLimits,
  nextPause: NextPause,
): Executed | Promise<Executed> {
  const run: Run = {
    args,
    errors: [],
    nulled: new Set(),
    limits,
    remaining: limits.characters,
    nextPause,
    promised: 0,
    quiet: new Set(),
    waiting: new Set(),
  };
  const failed = (error: unknown): Executed => {
    if (run.promised > limits.promised) return { data: undefined, errors: [limits.tooManyPromised()] };
    if (run.remaining < 0) return { data: undefined, errors: [limits.tooLarge()] };
    addError(run, error as GraphQLError, undefined);
    return { data: null, errors: run.errors };
  };
  try {
    const data =
      args.operation.operation === 'mutation'
        ? writeSerially(run, plan, args.rootValue)
        : writeObject(run, plan, args.rootValue, undefined);
    if (!isPending(data)) return { data, errors: run.errors };
    return data.then((text) => ({ data: text, errors: run.errors }), failed);
  } catch (error) {
    return failed(error);
  }
}

/** The fields of a mutation, one after the other. */
async function writeSerially(run: Run, { fields, failure }: ObjectPlan, source: unknown): Promise<string> {
  if (failure) throw failure;
  const texts: string[] = [];
  for (const field of fields) texts.push(field.keyText + ((await field.write(run, source, undefined)) ?? 'null'));
  return `{${texts.join(',')}}`;
}
