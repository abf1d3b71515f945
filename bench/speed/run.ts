import type { LoadName } from './kinds.ts';
import { forgetPeak, peakBytes, processTree } from './machine.ts';
import { cores, createMeter, type Measurement, measureUpstream } from './measure.ts';
import type { Options } from './options.ts';
import { groupsOf, metersOf } from './plan.ts';
import { type QueryName, queries } from './queries.ts';
import { type RunningServer, type RunningUpstream, startServer } from './running.ts';
import { canAnswer, type ServerKind } from './servers.ts';

/** All measurements of one server, query and load, in the order of the turns. */
export interface Case {
  readonly kind: ServerKind;
  readonly query: QueryName;
  readonly load: LoadName;
  readonly turns: readonly Measurement[];
}

export const tell = (text: string) => process.stderr.write(`${text}\n`);

/** Measures all servers in turns, so that a noisy moment meets all of them. */
export async function measureRates(
  options: Options,
  running: readonly RunningServer[],
  upstream: RunningUpstream,
): Promise<Case[]> {
  await warmUp(options, running, upstream);
  const groups = groupsOf(options).map((group) => ({ ...group, measured: new Map<ServerKind, Measurement[]>() }));
  for (let round = 1; round <= options.rounds; round++) {
    for (const group of shuffle(groups)) {
      const { query, load, measured } = group;
      tell(`round ${round}/${options.rounds}: ${load}, ${queries[query].title}`);
      using open = new DisposableStack();
      const meters = running
        .filter(({ kind }) => canAnswer(kind, query))
        .map((server) => open.use(createMeter(server, query, load, upstream)));
      for (const meter of meters) await meter.measure(options.leadIn);
      for (let turn = 0; turn < options.turns; turn++) {
        for (const meter of metersOf(meters, turn, options)) {
          const measurement = await meter.measure(options.seconds);
          measured.set(meter.kind, [...(measured.get(meter.kind) ?? []), measurement]);
        }
      }
    }
  }
  return groups.flatMap(({ query, load, measured }) =>
    [...measured].map(([kind, turns]) => ({ kind, query, load, turns })),
  );
}

async function warmUp(options: Options, running: readonly RunningServer[], upstream: RunningUpstream): Promise<void> {
  for (const query of options.queries) {
    for (const server of running.filter(({ kind }) => canAnswer(kind, query))) {
      tell(`warming up ${server.kind.title}: ${queries[query].title}`);
      using meter = createMeter(server, query, 'everyRow', upstream);
      await meter.measure(options.warmUp);
    }
  }
}

/** The most memory that a new process of a server takes for a query. */
export interface Peak {
  readonly kind: ServerKind;
  readonly query: QueryName;
  readonly bytes: number;
}

/** The upstream changes every row of every answer meanwhile. */
export async function measureMemory(options: Options, upstream: RunningUpstream): Promise<Peak[]> {
  const peaks: Peak[] = [];
  for (const query of options.queries) {
    for (const kind of options.servers.filter((kind) => canAnswer(kind, query))) {
      tell(`memory of ${kind.title}: ${queries[query].title}`);
      await using server = await startServer(kind, upstream.url, cores.server);
      const pids = processTree(server.pid);
      forgetPeak(pids);
      using meter = createMeter(server, query, 'everyRow', upstream);
      await meter.measure(options.memorySeconds);
      peaks.push({ kind, query, bytes: peakBytes(pids) });
    }
  }
  return peaks;
}

/** What the upstream could serve if no server stood between it and the load generator. */
export interface Limit {
  readonly query: QueryName;
  readonly load: LoadName;
  readonly rate: number;
}

export async function measureLimits(options: Options, upstream: RunningUpstream): Promise<Limit[]> {
  const limits: Limit[] = [];
  for (const { query, load } of groupsOf(options)) {
    if (load === 'delayed') continue;
    limits.push({ query, load, rate: await measureUpstream(upstream, query, load, options) });
  }
  return limits;
}

/** Puts a list in a random order. */
function shuffle<Item>(items: readonly Item[]): Item[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}
