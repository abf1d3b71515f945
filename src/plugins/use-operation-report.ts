import { hash } from 'node:crypto';
import { type ExecutionArgs, type ExecutionResult, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context, OperationReport } from '../context.ts';
import { eachResult, withParts } from './each-result.ts';

/** Notes the codes of an answer's errors. */
function noteErrors(report: OperationReport, result: ExecutionResult): void {
  const errors = withParts(result).flatMap(({ errors = [] }) => errors);
  const codes = errors.map(({ extensions }) => (typeof extensions?.code === 'string' ? extensions.code : 'none'));
  if (codes.length > 0) report.errorCodes = [...new Set([...report.errorCodes, ...codes])];
}

/** The longest operation name that is told. */
const maxNameLength = 100;

/** Notes which operation was asked for and which errors it met, for the log line and the metrics of the request. */
export function useOperationReport(): Plugin<Context, Context> {
  return {
    onParams({ params: { query }, context }) {
      if (typeof query === 'string') context.report.hash = hash('sha256', query);
    },
    onExecute: ({ args }) => noteName(args),
    onSubscribe: ({ args }) => noteName(args),
    onExecutionResult: (payload) => eachResult(payload, (result) => noteErrors(payload.context.report, result)),
    // Also of what came to no operation.
    onResultProcess({ result, serverContext }) {
      if (result && !Array.isArray(result) && !(Symbol.asyncIterator in result))
        noteErrors(serverContext.report, result);
    },
  };
}

function noteName({
  document,
  operationName,
  contextValue,
}: Pick<ExecutionArgs, 'document' | 'operationName'> & { contextValue: Context }) {
  const operation = getOperationAST(document, operationName);
  contextValue.report.name = operation?.name?.value.slice(0, maxNameLength) ?? null;
}
