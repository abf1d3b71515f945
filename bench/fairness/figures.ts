import type { Answer } from '../client.ts';
import { problemsOf } from '../problems.ts';
import { type Spread, spreadOf } from '../spread.ts';

/* What is asked for beside each other, and what came of it. */

/** A number of parallel scans, divided among a number of tokens. */
export interface Scenario {
  /** Of the gateway. */
  readonly url: string;
  readonly scans: number;
  readonly tokens: number;
  readonly seconds: number;
}

/** What came of requests of one kind. */
export interface Outcomes {
  /** By what they are: `answered`, `short`, `OVERLOADED`, `HTTP 502` … */
  readonly counts: Readonly<Record<string, number>>;
  /** How long those took that were let in, whatever they came to. */
  readonly answers: Spread;
  /** How long it took to refuse the others: those with `OVERLOADED`. */
  readonly refusals: Spread;
}

/** The callers with small requests. */
export interface Others {
  /** A caller that asks for one volume. */
  readonly other: Outcomes;
  readonly health: Outcomes;
  /** How late they were themselves, at most, in milliseconds. */
  readonly lateMs: number;
}

/** Measures requests by what they come to. */
export function createTimes() {
  const counts: Record<string, number> = {};
  const answers: number[] = [];
  const refusals: number[] = [];
  return {
    async add(ask: () => Promise<string>): Promise<void> {
      const start = performance.now();
      const outcome = await ask();
      counts[outcome] = (counts[outcome] ?? 0) + 1;
      (outcome === 'OVERLOADED' ? refusals : answers).push(performance.now() - start);
    },
    outcomes: (): Outcomes => ({ counts, answers: spreadOf(answers), refusals: spreadOf(refusals) }),
  };
}

/** Null for an answer without errors. */
export function codeOf({ status, text, body }: Answer): string | null {
  if (status === 0) return text;
  const [problem] = body ? problemsOf(body) : [];
  if (problem) return problem.code;
  return status === 200 && body?.data ? null : `HTTP ${status}`;
}
