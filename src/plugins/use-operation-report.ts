import { createHash } from 'node:crypto';
import { getOperationAST } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';

/** The longest operation name that is told. */
const maxNameLength = 100;

/** Notes which operation was asked for and which errors it met, for the log line and the metrics of the request. */
export function useOperationReport(): Plugin<Context, Context> {
  return {
    onParams({ params: { query }, context }) {
      if (typeof query === 'string') context.report.hash = createHash('sha256').update(query).digest('hex');
    },
    onExecute({ args: { document, operationName, contextValue } }) {
      const operation = getOperationAST(document, operationName);
      contextValue.report.name = operation?.name?.value.slice(0, maxNameLength) ?? null;
    },
    onResultProcess({ result, serverContext }) {
      if (!result || Array.isArray(result) || Symbol.asyncIterator in result || !result.errors) return;
      const codes = result.errors.map(({ extensions }) => extensions?.code);
      serverContext.report.errorCodes = [...new Set(codes.filter((code) => typeof code === 'string'))];
    },
  };
}
