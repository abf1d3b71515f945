import { type ExecutionArgs, OperationTypeNode, validateExecutionArgs } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { createPlanner } from '../execution/plan.ts';
import { type Executed, runPlan } from '../execution/run.ts';

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
        const executed = runPlan(validated, planOf(validated, root));
        return executed instanceof Promise ? executed.then(toResult) : toResult(executed);
      });
    },
  };
}

/** The data stay text: they are put into the answer as they are. */
function toResult({ data, errors }: Executed) {
  return {
    ...(errors.length > 0 ? { errors } : {}),
    data: data === null ? null : {},
    stringify: ({ errors, extensions }: { errors?: unknown; extensions?: unknown }) => {
      const members = [
        errors === undefined ? '' : `"errors":${JSON.stringify(errors)}`,
        `"data":${data}`,
        extensions === undefined ? '' : `"extensions":${JSON.stringify(extensions)}`,
      ];
      return `{${members.filter((member) => member !== '').join(',')}}`;
    },
  };
}
