import { hash } from 'node:crypto';
import { type ExecutionResult, getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context, OperationReport } from '../context.ts';

/** Notes the codes of an answer's errors. */
export function noteErrors(report: OperationReport, { errors = [] }: ExecutionResult): void {
  const codes = errors.map(({ extensions }) => (typeof extensions?.code === 'string' ? extensions.code : 'none'));
  report.errorCodes = [...new Set(codes)];
}

/** The longest operation name that is told. */
const maxNameLength = 100;

/** Notes which operation was asked for and which errors it met, for the log line and the metrics of the request. */
export function useOperationReport(): Plugin<Context, Context> {
  return {
    onParams({ params: { query }, context }) {
      if (typeof query === 'string') context.report.hash = hash('sha256', query);
    },
    onExecute({ args: { document, operationName, contextValue } }) {
      const operation = getOperationAST(document, operationName);
      contextValue.report.name = operation?.name?.value.slice(0, maxNameLength) ?? null;
    },
    onResultProcess({ result, serverContext }) {
      if (!result || Array.isArray(result) || Symbol.asyncIterator in result || !result.errors) return;
      noteErrors(serverContext.report, result);
    },
  };
}
