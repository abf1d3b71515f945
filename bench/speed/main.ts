import { writeFileSync } from 'node:fs';
import { ask, difference } from './answers.ts';
import { describeMachine, forgetPeak, moveTo, peakBytes, processTree } from './machine.ts';
import { cores, type Measurement, measure, measureUpstream } from './measure.ts';
import { readOptions } from './options.ts';
import { type QueryName, queries } from './queries.ts';
import { report } from './report.ts';
import { type RunningServer, type ServerKind, type ServerName, startServer, startUpstream } from './servers.ts';
import type { Mood } from './upstream.ts';

/*
 * How fast the gateway is, beside a process that passes the bytes on ("bare") and beside its peers: one run, in which
 * every server is asked every query in turns. The server under test has a core of its own; upstream and load generator
 * share another. Needs Linux, two cores and taskset.
 *
 *   npm run bench                                              everything
 *   npm run bench -- --rounds 1 --seconds 1 --only ours,bare   a part, quickly; see options.ts
 */

const options = readOptions(process.argv.slice(2));
moveTo(cores.other);

const moods = {
  unchanged: { changing: false, delayMs: 0 },
  changing: { changing: true, delayMs: 0 },
  delayed: { changing: false, delayMs: 10 },
} as const satisfies Record<string, Mood>;
type MoodName = keyof typeof moods;

/** Requests at once where it is the time of one that counts. */
const fewConnections = 4;

const tell = (text: string) => process.stderr.write(`${text}\n`);

const canAnswer = ({ lacks }: ServerKind, query: keyof typeof queries) => !lacks?.includes(query);

await using stack = new AsyncDisposableStack();
const upstream = stack.use(await startUpstream());

/** Puts a list in a random order. */
function shuffle<Item>(items: Item[]): Item[] {
  return items
    .map((item) => ({ item, place: Math.random() }))
    .sort((a, b) => a.place - b.place)
    .map(({ item }) => item);
}

/** What each server answers, held against what this gateway answers; one line for each that differs. */
async function compareAnswers(running: readonly RunningServer[]): Promise<{ same: string[]; differing: string[] }> {
  const ours = running.find(({ name }) => name === 'ours');
  const same: string[] = [];
  const differing: string[] = [];
  for (const server of running) {
    for (const query of options.queries) {
      if (!canAnswer(server.kind, query)) continue;
      const data = await ask(server, query);
      if (!ours || server === ours || server.name === 'bare') continue;
      const found = difference(server.kind.normalize?.(data) ?? data, await ask(ours, query));
      const what = `${server.kind.title}, ${queries[query].title}`;
      if (found === null) same.push(what);
      else differing.push(`${what}: ${found}`);
    }
  }
  return { same, differing };
}

async function measureRates(running: readonly RunningServer[]) {
  const parts = options.parts.filter((part): part is MoodName => part !== 'memory');
  const cases = running.flatMap((server) =>
    options.queries
      .filter((query) => canAnswer(server.kind, query))
      .flatMap((query) => parts.map((mood) => ({ server, query, mood, rounds: [] as Measurement[] }))),
  );
  for (const { server, query } of cases.filter(({ mood }) => mood === parts[0])) {
    tell(`warming up ${server.kind.title}: ${queries[query].title}`);
    await measure(server, query, upstream, moods.changing, { seconds: options.warmUp, leadIn: 0 });
  }
  for (let round = 1; round <= options.rounds; round++) {
    for (const { server, query, mood, rounds } of shuffle(cases)) {
      const pace = {
        seconds: options.seconds,
        leadIn: Math.min(0.5, options.seconds),
        ...(mood === 'delayed' ? { connections: fewConnections } : {}),
      };
      const measured = await measure(server, query, upstream, moods[mood], pace);
      rounds.push(measured);
      tell(
        `round ${round}/${options.rounds} ${mood}, ${queries[query].title}, ${server.kind.title}: ${measured.rate.toFixed(0)}/s`,
      );
    }
  }
  return cases.map(({ server, ...one }) => ({ ...one, name: server.name, kind: server.kind }));
}

/** The most memory that a new process of each server takes for each query. */
async function measureMemory() {
  const peaks: { name: ServerName; query: QueryName; bytes: number }[] = [];
  for (const name of options.only)
    for (const query of options.queries) {
      await using server = await startServer(name, upstream.url, cores.server);
      if (!canAnswer(server.kind, query)) continue;
      tell(`memory of ${server.kind.title}: ${queries[query].title}`);
      const pids = processTree(server.pid);
      forgetPeak(pids);
      await measure(server, query, upstream, moods.changing, { seconds: options.warmUp, leadIn: 0 });
      peaks.push({ name, query, bytes: peakBytes(pids) });
    }
  return peaks;
}

/** What the upstream could serve, were there nothing between. */
async function measureLimits() {
  const limits: { query: QueryName; rate: number }[] = [];
  for (const query of options.queries) {
    const pace = { seconds: options.seconds, leadIn: Math.min(0.5, options.seconds) };
    limits.push({ query, rate: await measureUpstream(upstream, query, pace) });
  }
  return limits;
}

async function measureAll() {
  await using started = new AsyncDisposableStack();
  const running: RunningServer[] = [];
  for (const name of options.only) running.push(started.use(await startServer(name, upstream.url, cores.server)));
  const answers = await compareAnswers(running);
  for (const line of answers.differing) tell(`differs: ${line}`);
  return { answers, cases: await measureRates(running) };
}

const { answers, cases } = await measureAll();
const peaks = options.parts.includes('memory') ? await measureMemory() : [];
const limits = await measureLimits();
const text = report({
  options,
  machine: describeMachine(),
  answers,
  cases,
  peaks,
  limits,
  words: process.argv.slice(2),
});
process.stdout.write(text);
writeFileSync(options.out, text);
tell(`written to ${options.out}`);
