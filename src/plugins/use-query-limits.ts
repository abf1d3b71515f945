import {
  type ExecutionArgs,
  type FragmentDefinitionNode,
  type GraphQLError,
  getOperationAST,
  getVariableValues,
  parse,
} from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { codedError } from '../errors.ts';
import { measure, type QuerySize } from './query-size.ts';

/** The most that one request may ask for: far above what a page needs, far below what hurts. */
const limits: QuerySize = {
  fields: 5_000,
  depth: 20,
  rootFields: 200,
  aliases: 500,
  listEntries: 2_000,
  objects: 200_000,
  values: 2_000_000,
  calls: 150,
};

/** Words and signs of a document. Checked before validation, whose time grows with their square. */
const maxTokens = 6_000;

/** Says what a limit counts, and what to do. */
const advice: Record<keyof QuerySize, string> = {
  fields: 'fields. Select fewer, or in several requests',
  depth: 'fields within each other. Ask for fewer levels at once',
  rootFields: 'fields at the top. Ask in several requests',
  aliases: 'fields under another name. Use fewer aliases, or several requests',
  listEntries: 'entries in the lists of its arguments. Pass shorter lists',
  objects: 'objects, if every list is as long as it may be. Ask for fewer rows with "first", or for fewer levels',
  values: 'values, if every list is as long as it may be. Ask for fewer rows with "first", or for fewer fields',
  calls: 'REST calls. Ask for fewer lists or objects at once',
};

/** Refuses what is too large before anything is read for it. */
export function useQueryLimits(): Plugin<Context> {
  return {
    onParse({ setParseFn }) {
      setParseFn((source, options) => {
        try {
          return parse(source, { ...options, maxTokens });
        } catch (error) {
          const isTooLong = error instanceof Error && error.message.includes(`more than ${maxTokens} tokens`);
          throw isTooLong
            ? tooComplex(`The query has more than ${maxTokens} words and signs. Send less at once.`)
            : error;
        }
      });
    },
    onExecute({ args, setResultAndStopExecution }) {
      const { operationName, variableValues, contextValue } = args;
      // The hook's own type knows neither.
      const { schema, document }: Pick<ExecutionArgs, 'schema' | 'document'> = args;
      const operation = getOperationAST(document, operationName);
      if (!operation) return;
      const variables = getVariableValues(schema, operation.variableDefinitions ?? [], variableValues ?? {});
      // What is wrong with variables is said by the execution.
      if (!variables.variableValues) return;
      const fragments = new Map(
        document.definitions
          .filter((definition): definition is FragmentDefinitionNode => definition.kind === 'FragmentDefinition')
          .map((fragment) => [fragment.name.value, fragment]),
      );
      const query = {
        schema,
        operation,
        fragments,
        variables: variables.variableValues,
        regions: contextValue.regions.length,
      };
      const size = measure(query, limits.fields);
      contextValue.report.cost = { calls: size.calls, objects: size.objects };
      const limit = exceeded(size);
      if (!limit) return;
      // Beyond that many fields nothing is counted any more.
      const figure = limit === 'fields' ? `more than ${limits.fields}` : size[limit];
      const message = `The query asks for ${figure} ${advice[limit]}; ${limits[limit]} are allowed.`;
      setResultAndStopExecution({ errors: [tooComplex(message)] });
    },
  };
}

/** Too many fields first: then the other figures are not whole. */
function exceeded(size: QuerySize): keyof QuerySize | undefined {
  // The keys of an object literal are those of its type.
  return (Object.keys(limits) as (keyof QuerySize)[]).find((limit) => size[limit] > limits[limit]);
}

function tooComplex(message: string): GraphQLError {
  return codedError('QUERY_TOO_COMPLEX', message);
}
