import { expect } from 'vitest';
import { linesOf } from './log.ts';
import { alice, bob, type Stack } from './stack.ts';

/** The most that a hostile request may cost, in milliseconds of the processor: ten times what the dearest costs. */
export const maxCostMs = 1_500;

/** What no answer may show: tokens, and anything of the inside. */
const inside = new RegExp(
  `${alice.token}|${bob.token}|node_modules|\\.ts\\b|\\bat \\S+ \\(|SyntaxError|RangeError|call stack|originalError`,
);

/** Runs something and gives what it cost this thread, where the gateway runs too: another process cannot disturb it. */
export async function costOf(run: () => Promise<unknown>): Promise<number> {
  const before = process.threadCpuUsage();
  await run();
  const { user, system } = process.threadCpuUsage(before);
  return (user + system) / 1000;
}

/** An error in the answer of a request that was refused. */
export function expectRefusal(body: string, code: string): void {
  expect(body).not.toMatch(inside);
  const { data, errors } = JSON.parse(body);
  expect(errors[0].extensions.code).toBe(code);
  // A mistake repeated is told a few times.
  expect(errors.length).toBeLessThanOrEqual(101);
  for (const value of Object.values(data ?? {})) expect(value).toBeNull();
}

/** The gateway lives, answers right, and had no fault of its own. */
export async function expectUnharmed(stack: Stack): Promise<void> {
  expect({}).not.toHaveProperty('polluted');
  expect(await stack.fetch('/health')).toMatchObject({ status: 200, text: 'alive\n' });
  const { volumes } = await stack.data('{ volumes(first: 1, filter: { name: "kept" }) { nodes { name } } }');
  expect(volumes.nodes).toEqual([{ name: 'kept' }]);
  const lines = linesOf(stack.log);
  // 501 tells a client of a coding that nobody knows.
  expect(lines.filter(({ level, status }) => level >= 50 || (status >= 500 && status !== 501))).toEqual([]);
}
