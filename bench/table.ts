/* What the benches print. */

export const print = (line = '') => process.stdout.write(`${line}\n`);

export const printRow = (cells: readonly string[], width = 12) =>
  print(cells.map((cell) => cell.padStart(width)).join(''));

export const mebibytes = (bytes: number, digits = 0) => `${(bytes / 1024 / 1024).toFixed(digits)} MiB`;

/** Prints whether something held. */
export function verdict(holds: boolean, what: string): boolean {
  print(`${holds ? 'PASS' : 'FAIL'}  ${what}`);
  return holds;
}

/** Prints whether a figure can be trusted. */
export function condition(holds: boolean, what: string): boolean {
  print(`${holds ? 'OK  ' : 'VOID'}  ${what}`);
  return holds;
}

/** What came of a bench. */
export interface Judgement {
  /** False where a target was missed. */
  readonly holds: boolean;
  /** False where something else than the gateway was the limit, so that the figures say nothing of it. */
  readonly isValid: boolean;
}
