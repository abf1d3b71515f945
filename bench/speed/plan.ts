import type { LoadName } from './kinds.ts';
import type { Options } from './options.ts';
import type { QueryName } from './queries.ts';
import { canAnswer, type ServerKind } from './servers.ts';

/** What is measured together, of all servers in turns. */
export interface Group {
  readonly query: QueryName;
  readonly load: LoadName;
}

/** The groups of a round. An answer of one row is left out of `everyRow`: it would be `oneRow` again. */
export function groupsOf({ loads, queries }: Options): Group[] {
  return loads.flatMap((load) =>
    queries.filter((query) => load !== 'everyRow' || query !== 'one').map((query) => ({ load, query })),
  );
}

/** What is measured in a turn, in its order. Slow servers are left out of two turns in three. */
export function metersOf<Meter extends { readonly kind: ServerKind }>(
  meters: readonly Meter[],
  turn: number,
  { isQuick }: Options,
): Meter[] {
  const chosen = meters.filter(({ kind }) => isQuick || !kind.isSlow || turn % 3 === 0);
  return turn % 2 === 0 ? chosen : chosen.toReversed();
}

/** About how many seconds a run takes, of which the open loop is left out. */
export function estimateSeconds(options: Options): number {
  const { servers, queries, turns, rounds, leadIn, seconds } = options;
  const metersFor = (query: QueryName) => servers.filter((kind) => canAnswer(kind, query)).map((kind) => ({ kind }));
  const sum = (values: readonly number[]) => values.reduce((total, value) => total + value, 0);
  /** Of one load of each server. */
  const loads = (meters: readonly { readonly kind: ServerKind }[], query: QueryName, each: number) =>
    sum(meters.map(({ kind }) => each + lastAnswers(kind, query)));
  const round = groupsOf(options).map(({ query }) => {
    const measured = Array.from({ length: turns }, (_, turn) => metersOf(metersFor(query), turn, options));
    return loads(metersFor(query), query, leadIn) + loads(measured.flat(), query, seconds);
  });
  /** Of one load of each server and query. */
  const all = (each: number) => sum(queries.map((query) => loads(metersFor(query), query, each)));
  const starts = servers.length * startSeconds;
  const memory = options.measuresMemory ? all(options.memorySeconds) + queries.length * starts : 0;
  const limits = options.isQuick ? 0 : round.length * (leadIn + seconds);
  return starts + all(options.warmUp) + rounds * sum(round) + memory + limits;
}

const startSeconds = 1.5;

/** Seconds until the last answers of a load are there, when no more requests are sent: what it takes today, about. */
function lastAnswers({ isSlow }: ServerKind, query: QueryName): number {
  const seconds = { one: 0.05, nested: 0.12, merged: 0.2, thousand: 0.25, tenThousand: 0.7 }[query];
  return isSlow ? seconds * 3 : seconds;
}
