import { expect, test, vi } from 'vitest';
import { createBursts } from '../../src/http/admission/bursts.ts';

/* Bursts of new requests as a module. hostile/bytes.test.ts sends one over HTTP. */

/** Bursts in an iteration of the event loop whose time for new requests is over. */
function startLate(most: number) {
  const bursts = createBursts(most);
  expect(bursts.postpone('a')).toBe(null);
  const start = performance.now();
  vi.spyOn(performance, 'now').mockReturnValue(start + 11);
  return bursts;
}

test('requests beyond the time of an iteration start in the next one', async () => {
  const bursts = startLate(8);
  const postponed = [bursts.postpone('a'), bursts.postpone('b')];
  vi.restoreAllMocks();
  await Promise.all(postponed.map((pause) => Promise.resolve(pause)));
  expect(postponed).not.toContain(null);
  expect(bursts.refusal('a')).toBe(null);
});

test('a caller may have three quarters of the postponed requests, and all callers together the whole', async () => {
  const bursts = startLate(8);
  const postponed = Array.from({ length: 6 }, () => bursts.postpone('a'));
  expect(bursts.refusal('a')?.message).toContain('The token has too many requests under way.');
  expect(bursts.refusal('b')).toBe(null);
  postponed.push(bursts.postpone('b'), bursts.postpone('b'));
  expect(bursts.refusal('c')?.message).toContain('The gateway has too much to do.');
  vi.restoreAllMocks();
  await Promise.all(postponed.map((pause) => Promise.resolve(pause)));
  for (const owner of ['a', 'b', 'c']) expect(bursts.refusal(owner)).toBe(null);
});
