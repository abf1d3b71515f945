import { setTimeout as sleep } from 'node:timers/promises';

/** In milliseconds: several times as long as any alert needs on a machine that is not busy. */
const patienceMs = 150_000;

/** Resolves when the condition holds, and rejects with its name if it does not in a long time. */
export async function until(holds: () => Promise<boolean>, condition: string): Promise<void> {
  const end = performance.now() + patienceMs;
  while (!(await holds())) {
    if (performance.now() > end) throw new Error(`waited in vain: ${condition}`);
    await sleep(250);
  }
}
