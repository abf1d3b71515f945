import { type ExecutionArgs, type ExecutionResult, OperationTypeNode, validateExecutionArgs } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { codedError } from '../errors.ts';
import { createPlanner } from '../execution/plan.ts';
import { type Executed, type Room, runPlan } from '../execution/run.ts';

/**
 * Executes queries and mutations by plans that are made once for each document, and writes the answer as it goes: most
 * of the time of a large answer would else go into finding out the same for each of its objects. What it means is what
 * graphql-js does, which executes all the rest.
 */
export function usePlannedExecution(): Plugin {
  const planOf = createPlanner();
  return {
    onExecute({ executeFn, setExecuteFn }) {
      setExecuteFn((args: ExecutionArgs) => {
        const validated = validateExecutionArgs(args);
        if (!('schema' in validated)) return { errors: validated };
        const root = validated.schema.getRootType(validated.operation.operation);
        if (!root || validated.operation.operation === OperationTypeNode.SUBSCRIPTION) return executeFn(args);
        const executed = runPlan(validated, planOf(validated, root), room);
        return executed instanceof Promise ? executed.then(toResult) : toResult(executed);
      });
    },
  };
}

const maxCharacters = 32 * 1024 * 1024;

/** An object that is asked for a hundred times is held once, but written a hundred times. */
const room: Room = {
  characters: maxCharacters,
  tooLarge: () =>
    codedError(
      'QUERY_TOO_COMPLEX',
      `The answer has more than ${maxCharacters} characters. Ask for fewer rows with "first", or for fewer fields; what was written is written.`,
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
