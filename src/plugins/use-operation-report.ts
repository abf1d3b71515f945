import { hash } from 'node:crypto';
import { type ExecutionArgs, type ExecutionResult, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { eachResult, withParts } from './each-result.ts';

/**
 * Notes which operation was asked for and which errors it met, for the log line and the metrics of the request.
 * @param countErrors gets the codes of results that come when the request is in the metrics already.
 */
export function useOperationReport(countErrors: (codes: readonly string[]) => void): Plugin<Context, Context> {
  return {
    onParams({ params: { query }, context }) {
      if (typeof query === 'string') context.report.hash = hash('sha256', query);
    },
    onExecute: ({ args }) => noteOperation(args),
    onSubscribe: ({ args }) => noteOperation(args),
    onExecutionResult(payload) {
      const { result, context } = payload;
      const isLater = result !== undefined && Symbol.asyncIterator in result;
      eachResult(payload, (one) => {
        const isLast = !('hasNext' in one && one.hasNext);
        const codes = codesOf(one, isLast ? codesBesideErrors(context) : []);
        noteErrors(context, codes);
        if (isLater) countErrors(codes);
      });
    },
  };
}

/** The longest operation name that is reported. */
const maxNameLength = 100;

function noteOperation({
  document,
  operationName,
  contextValue,
}: Pick<ExecutionArgs, 'document' | 'operationName'> & { contextValue: Context }): void {
  const operation = getOperationAST(document, operationName);
  contextValue.report.name = operation?.name?.value.slice(0, maxNameLength) ?? null;
  contextValue.report.operation = operation?.operation ?? null;
}

function noteErrors({ report }: Context, codes: readonly string[]): void {
  if (codes.length > 0) report.errorCodes = [...new Set([...report.errorCodes, ...codes])];
}

/** The codes of what failed without an error in the result. */
function codesBesideErrors({ partialFailures, payloadErrorCodes }: Context): readonly string[] {
  return [...partialFailures.map(({ code }) => code), ...payloadErrorCodes];
}

/** Each code of a result's errors, and of what else failed, once. */
function codesOf(result: ExecutionResult, others: readonly string[] = []): readonly string[] {
  const errors = withParts(result).flatMap(({ errors = [] }) => errors);
  const codes = errors.map(({ extensions }) => (typeof extensions?.code === 'string' ? extensions.code : 'none'));
  return [...new Set([...codes, ...others])];
}
