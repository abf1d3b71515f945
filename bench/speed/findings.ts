import type { Comparison } from './answers.ts';
import type { OpenCell } from './open-latency.ts';
import type { Options } from './options.ts';
import type { Case, Limit, Peak } from './run.ts';

/** Everything that was found out. */
export interface Findings {
  readonly options: Options;
  readonly machine: string;
  /** What was given on the command line. */
  readonly words: readonly string[];
  readonly answers: Comparison;
  readonly cases: readonly Case[];
  readonly open: readonly OpenCell[];
  readonly peaks: readonly Peak[];
  readonly limits: readonly Limit[];
}
