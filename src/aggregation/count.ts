import { isOutOfCalls, isOwnShortage } from '../block-storage/error.ts';
import type { Failure, Wanted } from './merge.ts';
import type { Source } from './source.ts';

/** How many rows match in the regions that answer; null when a region has too many to look through, or none answers. */
export async function countRows<Row>(
  sources: readonly Source<Row>[],
  { matches, bound }: Pick<Wanted<Row>, 'matches' | 'bound'>,
): Promise<{ total: number | null; failures: readonly Failure[] }> {
  const failures: Failure[] = [];
  const counts = await Promise.all(
    sources.map(async (source) => {
      try {
        return await countOne(source, matches, bound);
      } catch (error) {
        if (isOutOfCalls(error)) return null;
        if (isOwnShortage(error)) throw error;
        failures.push({ region: source.region, error });
        return 0;
      }
    }),
  );
  if (failures.length === sources.length || counts.includes(null)) return { total: null, failures };
  return { total: counts.reduce<number>((sum, count) => sum + (count ?? 0), 0), failures };
}

async function countOne<Row>(
  source: Source<Row>,
  matches: Wanted<Row>['matches'],
  bound: Wanted<Row>['bound'],
): Promise<number | null> {
  const portions = source.walk(null);
  let seen = 0;
  let count = 0;
  for (;;) {
    const { value } = await portions.next();
    if (!value) return count;
    const pause = matches && source.breathe(value.rows.length);
    if (pause) await pause;
    seen += value.rows.length;
    count += matches ? value.rows.filter(matches).length : value.rows.length;
    if (value.isLast) return count;
    // What is here whole is counted to its end.
    if (!value.isWhole && (seen >= bound.rows || performance.now() > bound.until)) return null;
  }
}
