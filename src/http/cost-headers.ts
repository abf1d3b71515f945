import type { Config } from '../config/config.ts';
import type { OperationReport } from '../operation.ts';

/**
 * The headers that say what a query costs and what is allowed, as dictionaries of structured fields (RFC 9651). None if they
 * are off, or if the query was not measured.
 * @param made REST calls that were made; null if it is not known yet.
 */
export type CostHeaders = (report: Partial<OperationReport>, made: number | null) => Readonly<Record<string, string>>;

/** The names of the headers, for `Access-Control-Expose-Headers`. */
export const costHeaderNames = ['Query-Cost', 'Query-Cost-Limit'];

export function createCostHeaders({
  costHeaders,
  queryLimits,
}: Pick<Config, 'costHeaders' | 'queryLimits'>): CostHeaders {
  if (!costHeaders) return () => none;
  const { calls, objects, values } = queryLimits;
  const limits = dictionary({ calls, objects, values });
  return ({ cost }, made) => {
    if (!cost) return none;
    return {
      'query-cost': dictionary({ ...cost, ...(made === null ? {} : { made }) }),
      'query-cost-limit': limits,
    };
  };
}

const none = {};

function dictionary(members: object): string {
  return Object.entries(members)
    .map(([name, value]) => `${name}=${value}`)
    .join(', ');
}
