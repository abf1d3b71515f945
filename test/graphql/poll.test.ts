import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { startPoll } from '../../src/live/poll.ts';
import { parseRegions, type Region } from '../../src/regions.ts';
import { UpstreamError } from '../../src/upstream/error.ts';

/* What takes minutes, by a clock that is set forward. */

beforeEach(() => void vi.useFakeTimers({ toFake: ['setTimeout', 'clearTimeout', 'performance'] }));
afterEach(() => void vi.useRealTimers());

const [region] = parseRegions('kr1=https://region.invalid', { allowHttp: false, ownIdentity: [] }).regions as readonly [
  Region,
];
const minutes = 60_000;

/** A poll of an object that is read as `read` says, and what its follower is told. */
function follow(intervalMs: number, read: () => Promise<string | null>) {
  const told: (string | null | Error)[] = [];
  const reads: number[] = [];
  const poll = startPoll<string>({
    read(_signal, deadline) {
      reads.push(performance.now());
      // As `send` does with a deadline that has passed.
      if (deadline <= performance.now()) return Promise.reject(failure());
      return read();
    },
    stateOf: (row) => row,
    intervalMs,
    timeoutMs: 10_000,
    isCovered: () => false,
    onEnd() {},
  });
  poll.follow((one) => void told.push(one));
  return { told, reads, poll };
}

function failure(): UpstreamError {
  return new UpstreamError('timeout', { region, method: 'GET', path: '/volumes/1' });
}

test.each([1_000, 3_000, 10_000])(
  'read every %i ms at first, an object that does not change is told once in two hours',
  async (interval) => {
    const { told, reads } = follow(interval, async () => 'same');
    await vi.advanceTimersByTimeAsync(120 * minutes);
    expect(told).toEqual(['same']);
    expect(reads.length).toBeGreaterThan(10);
    const gaps = reads.slice(1).map((time, index) => time - (reads[index] ?? 0));
    expect(Math.max(...gaps)).toBeCloseTo(Math.min(10 * interval, 30_000), -2);
  },
);

test.each([
  [1_000, 49_000, 61_000],
  [10_000, 29_000, 61_000],
])(
  'read every %i ms at first, one that cannot be read any more is told after %i and before %i ms',
  async (interval, least, most) => {
    let isWell = true;
    const { told } = follow(interval, async () => {
      if (isWell) return 'same';
      throw failure();
    });
    await vi.advanceTimersByTimeAsync(30 * minutes);
    isWell = false;
    await vi.advanceTimersByTimeAsync(least);
    expect(told).toEqual(['same']);
    await vi.advanceTimersByTimeAsync(most - least);
    expect(told).toEqual(['same', expect.any(UpstreamError)]);
  },
);

test('one that fails once between two reads is told nothing of it', async () => {
  let reads = 0;
  const { told } = follow(10_000, async () => {
    if (++reads % 2 === 0) throw failure();
    return 'same';
  });
  await vi.advanceTimersByTimeAsync(120 * minutes);
  expect(told).toEqual(['same']);
});

test('one that is not found once is told nothing of it, one that is not found twice is gone', async () => {
  const answers = [null, 'creating', null, 'available', null, null];
  const { told, reads } = follow(1_000, async () => (reads.length > 6 ? null : (answers[reads.length - 1] ?? null)));
  await vi.advanceTimersByTimeAsync(minutes);
  expect(told).toEqual(['creating', 'available', null]);
  // The second look comes after the shortest time between two reads.
  expect((reads[5] ?? 0) - (reads[4] ?? 0)).toBeCloseTo(1_000, -2);
});

test('who comes while an object is not found does not shorten the second look', async () => {
  const { told, reads, poll } = follow(1_000, async () => (reads.length > 2 ? 'available' : null));
  await vi.advanceTimersByTimeAsync(100);
  poll.follow(() => {});
  await vi.advanceTimersByTimeAsync(100);
  poll.noteChange();
  await vi.advanceTimersByTimeAsync(5_000);
  expect(told).toEqual(['available']);
});
