import { expect, test, vi } from 'vitest';
import { abortSignalOf, Ending } from '../../src/fairness/until.ts';

test.each([
  ['an ending', () => new Ending()],
  ['an AbortController', controller],
])('%s calls each listener once, except one that was removed or came too late', (_, create) => {
  const signal = create();
  const [kept, removed, late] = [vi.fn(), vi.fn(), vi.fn()];
  for (const listener of [kept, kept, removed]) signal.addEventListener('abort', listener);
  signal.removeEventListener('abort', removed);
  signal.abort(new Error('first'));
  signal.addEventListener('abort', late);
  signal.abort(new Error('second'));
  expect([kept, removed, late].map(({ mock }) => mock.calls.length)).toEqual([1, 0, 0]);
  expect(signal.reason).toEqual(new Error('first'));
  expect(() => signal.throwIfAborted()).toThrow('first');
});

test('the AbortSignal of an ending aborts with it, for the same reason, even if it is made later', () => {
  const ending = new Ending();
  const early = abortSignalOf(ending);
  expect(early.aborted).toBe(false);
  const reason = new Error('the client left');
  ending.abort(reason);
  expect(early.reason).toBe(reason);
  expect(abortSignalOf(ending).reason).toBe(reason);
});

/** An `AbortController` with the members of an ending. */
function controller() {
  const controller = new AbortController();
  return Object.assign(controller.signal, { abort: (reason: unknown) => controller.abort(reason) });
}
