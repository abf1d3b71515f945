import { badRequest, invalidInput } from './error.ts';
import { pythonInt } from './python.ts';

const MAX_OFFSET = 2_147_483_647;

/** How much of a list is asked for, and from where. */
export interface Page {
  readonly limit: number;
  readonly offset: number;
  readonly marker: string | undefined;
}

/** One key of an order. */
export interface SortKey {
  readonly key: string;
  readonly direction: string;
}

/** Reads limit, offset and marker; of a repeated key the first counts, a high limit is cut silently (FACTS 17, 25). */
export function parsePage(query: URLSearchParams, maxLimit: number): Page {
  const limit = pythonInt(query.get('limit') ?? String(maxLimit));
  if (limit === undefined) throw badRequest('limit param must be an integer');
  if (limit < 0) throw badRequest('limit param must be positive');
  const offset = pythonInt(query.get('offset') ?? '0');
  if (offset === undefined) throw badRequest('offset must be an integer');
  if (offset < 0) throw badRequest('offset must be >= 0');
  if (offset > MAX_OFFSET) throw badRequest(`offset must be <= ${MAX_OFFSET}`);
  return { limit: Math.min(limit, maxLimit), offset, marker: query.get('marker') ?? undefined };
}

/** Reads `sort=key[:direction],…` or the older pair; the direction defaults to descending (FACTS 22). */
export function parseSort(query: URLSearchParams): SortKey[] {
  const sort = query.get('sort');
  if (sort === null) {
    const key = (query.get('sort_key') ?? 'created_at').trim();
    return [{ key, direction: (query.get('sort_dir') ?? 'desc').trim() }];
  }
  if (query.has('sort_key') || query.has('sort_dir')) {
    throw badRequest(
      "The 'sort_key' and 'sort_dir' parameters are deprecated and cannot be used with the 'sort' parameter.",
    );
  }
  return sort
    .trim()
    .split(',')
    .map((part) => {
      const colon = part.indexOf(':');
      const direction = colon < 0 ? '' : part.slice(colon + 1);
      return { key: (colon < 0 ? part : part.slice(0, colon)).trim(), direction: (direction || 'desc').trim() };
    });
}

/** The whole order: `created_at` and `id` break ties in the direction of the first key (FACTS 16). */
export function withTieBreakers(keys: readonly SortKey[]): SortKey[] {
  for (const { direction } of keys) {
    if (direction !== 'asc' && direction !== 'desc') {
      throw invalidInput("Unknown sort direction, must be 'desc' or 'asc'.");
    }
  }
  const direction = keys[0]?.direction ?? 'desc';
  const missing = ['created_at', 'id'].filter((name) => !keys.some(({ key }) => key === name));
  return [...keys, ...missing.map((key) => ({ key, direction }))];
}

/** The filters a member may use; of a repeated one the last counts, the others are dropped silently (FACTS 23, 24). */
export function parseFilters(query: URLSearchParams, allowed: readonly string[]): Map<string, string> {
  const filters = new Map<string, string>();
  for (const name of allowed) {
    const value = query.getAll(name).at(-1);
    if (value !== undefined) filters.set(name, value);
  }
  return filters;
}
