/** Choices that look random, and are the same for the same seed. */
export interface Random {
  /** From 0 up to but not including 1. */
  (): number;
  between(least: number, most: number): number;
  /** One of several, each as likely. */
  pick<Choice>(choices: readonly [Choice, ...Choice[]]): Choice;
}

/** mulberry32: small, and good enough to choose by. */
export function createRandom(seed: number): Random {
  let state = seed >>> 0;
  const next = (): number => {
    state = (state + 0x6d2b79f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
  return Object.assign(next, {
    between: (least: number, most: number) => least + next() * (most - least),
    pick: <Choice>(choices: readonly [Choice, ...Choice[]]) =>
      choices[Math.floor(next() * choices.length)] ?? choices[0],
  });
}
