import { type ExecutionArgs, type GraphQLError, type ValidatedExecutionArgs, validateExecutionArgs } from 'graphql';
import type { Context } from '../context.ts';

/** The arguments of an execution or subscription. The hooks' own types lack some of the members. */
export type OperationArgs = Pick<
  ExecutionArgs,
  'schema' | 'document' | 'operationName' | 'variableValues' | 'hideSuggestions'
> & { readonly contextValue: Context; [validated]?: Validated };

type Validated = ValidatedExecutionArgs | readonly GraphQLError[];

/** Where the arguments keep the result. All hooks of an operation get the same object. */
const validated: unique symbol = Symbol('validated');

/**
 * The arguments of a request's operation with its variables coerced, as graphql-js does it; errors if a variable does not
 * fit its type. Variables are coerced once, for whichever plugin asks first. The errors quote values: `variableErrors`
 * describes them without.
 */
export function validatedArgs(args: OperationArgs): Validated {
  args[validated] ??= coerce(args);
  return args[validated];
}

function coerce(args: OperationArgs): Validated {
  // graphql-js would look for similar words and list many errors. None of it is shown.
  const coerced = validateExecutionArgs({ ...args, hideSuggestions: true, options: { maxCoercionErrors: 0 } });
  if ('schema' in coerced) coerced.hideSuggestions = args.hideSuggestions ?? false;
  return coerced;
}
