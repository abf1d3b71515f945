import { createHash } from 'node:crypto';
import { formatTime } from '../time.ts';

/** A source of choices that are the same for the same key in every run. */
export interface Seed {
  /** A UUID of its own for each noun and index. */
  uuid(noun: string, index: number): string;
  /** A whole number from 0 up to but not including `below`. */
  below(noun: string, index: number, below: number): number;
  pick<T>(noun: string, index: number, choices: readonly [T, ...T[]]): T;
}

/** The moment all seeded times count back from: fixed, so that the rows are the same on every day. */
const NEWEST = Date.UTC(2026, 10, 1, 9, 0, 0);

export function createSeed(region: string, tenant: string): Seed {
  const digest = (noun: string, index: number): Buffer =>
    createHash('sha256').update(`${region}/${tenant}/${noun}/${index}`).digest();
  const seed: Seed = {
    uuid(noun, index) {
      const hex = digest(noun, index).toString('hex');
      return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-4${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
    },
    below: (noun, index, below) => digest(noun, index).readUInt32BE(0) % below,
    pick: (noun, index, choices) => choices[seed.below(noun, index, choices.length)] ?? choices[0],
  };
  return seed;
}

/** A time so many hours before the newest seeded one, in whole seconds as in the guide. */
export function hoursBack(hours: number): string {
  return formatTime(NEWEST - hours * 3_600_000);
}
