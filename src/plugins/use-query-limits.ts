import { type ExecutionResult, GraphQLError, getOperationAST, parse } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import { type LimitValues, limitNames, type QueryLimit, queryLimits } from '../config/query-limits.ts';
import type { Context } from '../context.ts';
import { countFieldPairs } from '../cost/field-pairs.ts';
import type { QuerySize } from '../cost/query-size.ts';
import { codedError } from '../errors/coded-error.ts';
import { variableErrors } from '../messages/variable-errors.ts';
import { notAdmitted } from './operation-result.ts';
import { costOf, estimateOf, sizeOf } from './operation-size.ts';
import { type OperationArgs, validatedArgs } from './validated-args.ts';

/** The most tokens of a document. Checked before validation, whose time grows with the square of their number. */
const maxTokens = 6_000;

/** The most pairs of fields that validation may compare, which takes some 20 milliseconds. Far above any client's documents. */
const maxFieldPairs = 30_000;

export interface QueryLimitOptions {
  readonly limits: LimitValues;
  /** If false, a query beyond a limit is executed and reported, unless it is beyond the limit's ceiling. */
  readonly areEnforced: boolean;
}

/** Refuses queries that are too large before anything is read, and asks for admission of the rest. */
export function useQueryLimits(options: QueryLimitOptions): Plugin<Context> {
  return {
    onParse({ setParseFn }) {
      setParseFn((source, options) => {
        try {
          return parse(source, { ...options, maxTokens });
        } catch (error) {
          const isTooLong = error instanceof Error && error.message.includes(`more than ${maxTokens} tokens`);
          if (isTooLong) throw tooComplex(`The document has more than ${maxTokens} tokens. Send less at once.`);
          throw error instanceof RangeError ? tooDeep() : error;
        }
      });
    },
    onValidate({ validateFn, setValidationFn }) {
      setValidationFn((...args) => {
        if (countFieldPairs(args[1], maxFieldPairs) > maxFieldPairs) return [repeatedFields()];
        try {
          return validateFn(...args);
        } catch (error) {
          throw error instanceof RangeError ? tooDeep() : error;
        }
      });
    },
    onExecute: ({ args, setResultAndStopExecution }) => begin(args, options, setResultAndStopExecution),
    onSubscribe: ({ args, setResultAndStopExecution }) => begin(args, options, setResultAndStopExecution),
  };
}

/** Checks the limits, then waits for admission; stops the operation if it fails either. */
function begin(
  args: OperationArgs,
  options: QueryLimitOptions,
  stop: (result: ExecutionResult) => void,
): void | Promise<void> {
  const size = limitedSizeOf(args, options);
  if (Array.isArray(size)) {
    stop({ errors: size });
    return;
  }
  const isIn = args.contextValue.admit(estimateOf(size));
  const stopUnless = (isIn: boolean) => {
    if (!isIn) stop(notAdmitted());
  };
  return isIn instanceof Promise ? isIn.then(stopUnless) : stopUnless(isIn);
}

/** The size of the operation, or the errors if it is refused. Records its cost. */
function limitedSizeOf(args: OperationArgs, options: QueryLimitOptions): QuerySize | GraphQLError[] {
  const { contextValue } = args;
  const validated = validatedArgs(args);
  if (!('schema' in validated)) return mistakesIn(args);
  const size = sizeOf(validated, { regions: contextValue.regions.length, mostFields: mostOf('fields', options) });
  contextValue.report.cost = costOf(size);
  const exceeded = limitNames.filter((limit) => size[limit] > options.limits[limit]);
  if (exceeded.length === 0) return size;
  contextValue.report.exceeded = Object.fromEntries(exceeded.map((limit) => [limit, size[limit]]));
  const refused = exceeded.find((limit) => size[limit] > mostOf(limit, options));
  return refused ? [beyondLimit(refused, size, mostOf(refused, options))] : size;
}

/** The mistakes in variables that graphql-js has refused. */
function mistakesIn({ schema, document, operationName, variableValues, hideSuggestions }: OperationArgs) {
  // Without an operation the document was refused before.
  const definitions = getOperationAST(document, operationName)?.variableDefinitions ?? [];
  return variableErrors(schema, definitions, variableValues ?? {}, hideSuggestions ?? false);
}

function beyondLimit(limit: QueryLimit, size: QuerySize, most: number): GraphQLError {
  const { counts, remedy } = queryLimits[limit];
  // Counting stops there, so the exact number of fields is unknown.
  const figure = limit === 'fields' ? `more than ${most}` : size[limit];
  return tooComplex(`The query asks for ${figure} ${counts}. ${remedy}; ${most} are allowed.`);
}

/** The value beyond which a query is refused: the limit, or its ceiling if limits are only reported. */
function mostOf(limit: QueryLimit, { limits, areEnforced }: QueryLimitOptions): number {
  return areEnforced ? limits[limit] : queryLimits[limit].ceiling;
}

function repeatedFields(): GraphQLError {
  return new GraphQLError('The document selects the same fields too often in one place. Select each of them once.');
}

/** For a document that is nested deeper than the call stack allows. */
function tooDeep(): GraphQLError {
  return tooComplex('The document is nested too deeply. Pass values as variables, and ask for fewer levels.');
}

function tooComplex(message: string): GraphQLError {
  return codedError('QUERY_TOO_COMPLEX', message);
}
