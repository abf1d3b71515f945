import { mebibytes, printRow, verdict } from '../table.ts';
import type { Tally } from './load.ts';
import type { Row } from './rows.ts';

/** What was left after a round. */
export interface Round {
  readonly tally: Tally;
  /** Whether the gateway was done with all requests in time. */
  readonly isFree: boolean;
  readonly resident: number;
  /** Bytes that requests are charged with; null where the gateway does not tell. */
  readonly charged: number | null;
}

export interface Measured {
  readonly limitBytes: number;
  /** False where the limit was no cgroup's, and the peak is of resident memory alone. */
  readonly isGrouped: boolean;
  readonly rounds: readonly Round[];
  readonly isAlive: boolean;
  readonly peak: number;
  readonly seconds: number;
}

/** The most that may be used of the limit. */
const maxUse = 0.85;

/** How much more may be resident after a round than after the one before. */
export const maxGrowth = 0.1;

/** How much more is resident after the last round than after the one before; NaN where that is not known. */
export function growth(rounds: readonly Round[]): number {
  return (rounds.at(-1)?.resident ?? Number.NaN) / (rounds.at(-2)?.resident ?? Number.NaN) - 1;
}

export const printHead = () =>
  printRow(['row', 'answered', 'refused', 'other', 'peak', 'charged', 'seconds', '  RSS after each round']);

/** What the requests of all rounds came to. */
function tallyOf(rounds: readonly Round[]): Tally {
  const tally: Tally = {};
  for (const round of rounds)
    for (const [outcome, times] of Object.entries(round.tally)) tally[outcome] = (tally[outcome] ?? 0) + times;
  return tally;
}

export function printMeasured({ name }: Row, { isGrouped, rounds, peak, seconds }: Measured): void {
  const charged = rounds.at(-1)?.charged ?? null;
  const { answered = 0, refused = 0, ...odd } = tallyOf(rounds);
  printRow([
    name,
    String(answered),
    String(refused),
    String(Object.values(odd).reduce((sum, times) => sum + times, 0)),
    `${mebibytes(peak)}${isGrouped ? '' : ' RSS'}`,
    charged === null ? 'no metric' : mebibytes(charged, 1),
    seconds.toFixed(1),
    `  ${rounds.map(({ resident }) => (resident > 0 ? mebibytes(resident) : '–')).join(', ')}`,
  ]);
}

/** Prints what does not hold. */
export function judge({ name, least }: Row, { limitBytes, rounds, isAlive, peak }: Measured): boolean {
  const { answered: _answered, refused: _refused, ...odd } = tallyOf(rounds);
  const oddities = Object.entries(odd).map(([outcome, times]) => `${times} ${outcome}`);
  const fewest = Math.min(...rounds.map(({ tally }) => tally.answered ?? 0));
  const charged = rounds.map((round) => round.charged ?? 0);
  const faults = [
    !isAlive && 'the gateway has ended',
    isAlive && rounds.some(({ isFree }) => !isFree) && 'the gateway is not done with all requests after a minute',
    peak > maxUse * limitBytes && `more than ${mebibytes(maxUse * limitBytes)} were used`,
    oddities.length > 0 && `answers are neither whole nor OVERLOADED: ${oddities.join(', ')}`,
    fewest < least && `only ${fewest} of a round were answered, at least ${least}`,
    charged.some((bytes) => bytes !== 0) && `bytes are charged to no request: ${charged.join(' and ')}`,
    growth(rounds) > maxGrowth &&
      `each round leaves more resident than the one before, at last ${(growth(rounds) * 100).toFixed(0)} %`,
  ].filter((fault) => fault !== false);
  for (const fault of faults) verdict(false, `${name}: ${fault}`);
  return faults.length === 0;
}
