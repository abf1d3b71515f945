import { wholeNumber } from './parsers.ts';
import { limitNames, queryLimits, variableOf } from './query-limits.ts';
import type { Setting } from './settings.ts';

/** The variables of the limits of a query. The README lists them in the table of limits. */
export const limitVariables: Readonly<Record<string, Setting>> = Object.fromEntries(
  limitNames.map((limit) => {
    const { most, ceiling, counts } = queryLimits[limit];
    const parser = wholeNumber(1, ceiling);
    return [variableOf(limit), { member: limit, fallback: String(most), parser, meaning: counts }];
  }),
);
