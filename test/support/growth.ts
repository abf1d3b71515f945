import { expect } from 'vitest';
import { costOf } from './unharmed.ts';

/** A unit that is repeated, between a beginning and an end. */
export type HostileText = readonly [unit: string, begin?: string, end?: string];

/** The most that eight times the length may cost; if the cost grew with the square, it would be 64 times as much. */
const maxGrowth = 16;

/** A measurement is of so many milliseconds at least: less is the noise of the clock. */
const minCostMs = 5;

/** Sends each text in one length and in eight times that length, and compares what they cost. */
export async function expectLinear(
  texts: readonly HostileText[],
  length: number,
  send: (text: string) => Promise<void>,
): Promise<void> {
  for (const [unit, begin = '', end = ''] of texts) {
    const textOf = (times: number) => begin + unit.repeat((length * times) / unit.length) + end;
    const growth = await growthOf((times) => send(textOf(times)));
    expect(growth, `${begin}${unit}…${end}`).toBeLessThan(maxGrowth);
  }
}

/** How many times as much eight times the text costs; the least of three measurements, as noise only adds. */
async function growthOf(send: (times: number) => Promise<void>): Promise<number> {
  let repeats = 4;
  const repeatedly = (times: number) =>
    costOf(async () => {
      for (let index = 0; index < repeats; index++) await send(times);
    });
  let least = Number.POSITIVE_INFINITY;
  for (let attempt = 0; attempt < 3 && least >= maxGrowth; attempt++) {
    let short = await repeatedly(1);
    while (short < minCostMs) {
      repeats *= 2;
      short = await repeatedly(1);
    }
    least = Math.min(least, (await repeatedly(8)) / short);
  }
  return least;
}
