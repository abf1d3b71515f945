import type { FragmentDefinitionNode, ValidatedExecutionArgs } from 'graphql';
import { measure, type QuerySize } from '../cost/query-size.ts';
import { type WorkEstimate, workOfCall, workOfRows } from '../fairness/work.ts';
import type { QueryCost } from '../operation.ts';

/** What is measured: a validated operation with its variables. */
type Measured = Pick<ValidatedExecutionArgs, 'schema' | 'operation' | 'fragmentDefinitions' | 'variableValues'>;

/** @param options.mostFields measuring stops there. */
export function sizeOf(
  { schema, operation, fragmentDefinitions, variableValues: variables }: Measured,
  { regions, mostFields }: { readonly regions: number; readonly mostFields: number },
): QuerySize {
  const fragments = new Map<string, FragmentDefinitionNode>(Object.entries(fragmentDefinitions));
  return measure({ schema, operation, fragments, variables, regions }, mostFields);
}

export function costOf({ calls, rows, objects, values }: QuerySize): QueryCost {
  return { calls, rows, objects, values };
}

/** Rows per page of a scan. */
const pageRows = 1000;

/** Pages per list: the assumption for a first scan, and the most that a scan reads. */
const pages = { atFirst: 3, atMost: 11 };

export function estimateOf({ calls, objects, scans }: QuerySize): WorkEstimate {
  const least = calls * workOfCall + workOfRows(objects);
  const scan = scans * (workOfCall + workOfRows(pageRows));
  return {
    shape: `${calls} ${objects} ${scans}`,
    atFirst: least + pages.atFirst * scan,
    atMost: least + pages.atMost * scan,
  };
}
