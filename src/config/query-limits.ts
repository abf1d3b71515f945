/**
 * The limits of one query: far above what a page needs, far below what harms the gateway. `fields` comes first, because the
 * other numbers are incomplete if there are too many fields. The README prints this table.
 *
 * - `most`: the default of the limit's variable.
 * - `ceiling`: the largest value of the variable. Queries beyond it are refused even if the limits are only reported.
 */
export const queryLimits = {
  // Measuring and planning take time in proportion to the fields.
  fields: { most: 5_000, ceiling: 20_000, counts: 'fields', remedy: 'Select fewer, or in several requests' },
  // Each level takes frames of the call stack, and the paths of errors name every level.
  depth: { most: 20, ceiling: 50, counts: 'levels of nesting', remedy: 'Ask for fewer levels at once' },
  rootFields: { most: 200, ceiling: 2_000, counts: 'root fields', remedy: 'Ask in several requests' },
  aliases: { most: 500, ceiling: 2_000, counts: 'aliases', remedy: 'Use fewer aliases, or several requests' },
  // Every row and every error repeats an alias.
  aliasLength: { most: 255, ceiling: 1_000, counts: 'characters in one alias', remedy: 'Use shorter aliases' },
  // The entries are read again for each field that has them.
  listEntries: {
    most: 2_000,
    ceiling: 4_000,
    counts: 'entries in the lists of its arguments',
    remedy: 'Pass shorter lists',
  },
  // The last three bound the work for regions and the answer, which have bounds of their own.
  calls: { most: 150, ceiling: 100_000, counts: 'REST calls', remedy: 'Ask for fewer lists or objects at once' },
  objects: {
    most: 200_000,
    ceiling: 100_000_000,
    counts: 'objects, if every list is as long as it may be',
    remedy: 'Ask for fewer rows with "first", or for fewer levels',
  },
  values: {
    most: 2_000_000,
    ceiling: 1_000_000_000,
    counts: 'values in these objects',
    remedy: 'Ask for fewer rows with "first", or for fewer fields',
  },
} as const satisfies Record<string, { most: number; ceiling: number; counts: string; remedy: string }>;

export type QueryLimit = keyof typeof queryLimits;

/** The limits as they are configured. */
export type LimitValues = Readonly<Record<QueryLimit, number>>;

// The keys of an object literal are those of its type.
export const limitNames = Object.keys(queryLimits) as readonly QueryLimit[];

/** The variable of a limit, such as `MAX_QUERY_ROOT_FIELDS`. */
export function variableOf(limit: QueryLimit): string {
  return `MAX_QUERY_${limit.replace(/[A-Z]/g, (letter) => `_${letter}`).toUpperCase()}`;
}

/** The largest value of `UPSTREAM_CALLS_PER_REQUEST`, the limit of the REST calls that are made. */
export const callsPerRequestCeiling = 100_000;
