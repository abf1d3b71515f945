import fc from 'fast-check';
import { expect, test, vi } from 'vitest';
import { large, small, start, until } from './admission.ts';

/* Admission control as a module. fairness.test.ts tests it over HTTP. */

const requests = fc.array(
  fc.record({
    token: fc.constantFrom('a', 'b', 'c', 'unknown'),
    work: fc.oneof(fc.integer({ min: 1, max: 5_000 }), fc.integer({ min: 20_001, max: 5_000_000 })),
    charged: fc.nat({ max: 3_000_000 }),
    leaves: fc.boolean(),
  }),
  { minLength: 1, maxLength: 50 },
);

test('every request starts, is refused or leaves, and what it held is given back', () =>
  fc.assert(
    fc.asyncProperty(requests, fc.integer({ min: 2, max: 20 }), async (all, limit) => {
      const { admission, open } = start(limit, ['unknown']);
      const asked = all.map(({ token, work, charged, leaves }) => {
        const leaving = new AbortController();
        const request = open(token);
        const outcome = request.enter(
          { shape: null, atFirst: work, atMost: work },
          { ...until(), signal: leaving.signal },
        );
        if (leaves) leaving.abort();
        return Promise.resolve(outcome).then(async (isIn) => {
          if (!isIn) return leaves || request.refusal() !== null;
          expect(admission.inFlight).toBeLessThanOrEqual(limit);
          request.charge(charged);
          await Promise.resolve();
          request.leave();
          return true;
        });
      });
      expect(await Promise.all(asked)).toEqual(all.map(() => true));
      expect(admission).toMatchObject({ inFlight: 0, work: 0, waiting: { small: 0, large: 0 } });
    }),
    { numRuns: 200 },
  ));

test('a small request starts however many large ones are running and queued', async () => {
  const { admission, open } = start(20);
  const outcomes = ['a', 'a', 'b', 'b', 'c'].map((token) => open(token).enter(large, until()));
  expect(outcomes.slice(0, 1)).toEqual([true]);
  expect(admission.waiting.large).toBeGreaterThan(0);
  expect(open('d').enter(small, until())).toBe(true);
  expect(open('a').enter(small, until())).toBe(true);
});

test('the fewer places are left, the fewer one caller may have, but never less than an equal part', async () => {
  const { open } = start(12);
  const held = ['a', 'a', 'a', 'b', 'b', 'b', 'c', 'c', 'd'].map((token) => {
    const request = open(token);
    expect(request.enter(small, until())).toBe(true);
    return request;
  });
  // Three places are free, and an equal part is three: a caller that has three waits, one that has one does not.
  const waiting = open('a').enter(small, until());
  expect(waiting).toBeInstanceOf(Promise);
  expect(open('d').enter(small, until())).toBe(true);
  for (const request of held.slice(0, 3)) request.leave();
  expect(await waiting).toBe(true);
});

test('a caller that has its part is told so while places are free', () => {
  const { open } = start(12);
  for (const token of ['a', 'a', 'a', 'a', 'b', 'b', 'b', 'c']) void open(token).enter(small, until());
  // One more starts and three may queue.
  const [last, ...queued] = ['a', 'a', 'b', 'b', 'b']
    .map((token) => {
      const request = open(token);
      void request.enter(small, until());
      return request;
    })
    .toReversed();
  expect(queued.map((request) => request.refusal())).toEqual([null, null, null, null]);
  expect(last?.refusal()?.message).toMatch(/^The token has too many requests under way\./);
});

test('one caller gets three quarters of the work at most, and large requests of other callers start in parallel', () => {
  const { admission, open } = start(20);
  expect(open('a').enter(large, until())).toBe(true);
  expect(open('a').enter(large, until())).toBeInstanceOf(Promise);
  expect(open('b').enter(large, until())).toBe(true);
  expect(admission.work).toBe(1_000_000);
});

test('queued large requests start in a fair order between callers, however many each caller has queued', async () => {
  const { open } = start(20);
  const order: string[] = [];
  const first = [open('x'), open('y')];
  for (const request of first) await request.enter(large, until());
  const ask = (token: string) => {
    const request = open(token);
    const part = { shape: null, atFirst: 75_000, atMost: 75_000 };
    return Promise.resolve(request.enter(part, until())).then(async () => {
      order.push(token);
      await Promise.resolve();
      request.leave();
    });
  };
  const waiting = ['a', 'a', 'a', 'b', 'c'].map(ask);
  for (const request of first) request.leave();
  await Promise.all(waiting);
  expect(order.slice(0, 3).toSorted()).toEqual(['a', 'b', 'c']);
});

test('a large request that would fit does not overtake a queued one that needs more room', async () => {
  const { open } = start(20);
  const part = (work: number) => ({ shape: null, atFirst: work, atMost: work });
  const first = open('a');
  void first.enter(part(450_000), until());
  void open('b').enter(part(450_000), until());
  const next = open('c').enter(part(250_000), until());
  expect(next).toBeInstanceOf(Promise);
  expect(open('d').enter(part(50_000), until())).toBeInstanceOf(Promise);
  first.leave();
  expect(await next).toBe(true);
});

test('a queued large request starts when its token is accepted', async () => {
  const unknown = ['new'];
  const { admission, open } = start(20, unknown);
  const part = { shape: null, atFirst: 150_000, atMost: 150_000 };
  expect(open('new').enter(part, until())).toBe(true);
  const waiting = open('new').enter(part, until());
  expect(waiting).toBeInstanceOf(Promise);
  unknown.pop();
  admission.noteAccepted();
  expect(await waiting).toBe(true);
  expect(admission.waiting.large).toBe(0);
});

test('a refusal says whether the caller’s share or the replica’s limit is used up', () => {
  const { open, setLate } = start(6);
  for (const token of ['a', 'b']) for (let index = 0; index < 2; index++) void open(token).enter(large, until());
  const refused = (token: string, estimate = large) => {
    const request = open(token);
    return request.enter(estimate, until()) === false ? request.refusal()?.message : null;
  };
  expect(refused('a')).toMatch(/^The token has too many large queries under way\./);
  expect(refused('c')).toMatch(/^The gateway has too much to do\./);
  void open('a').enter(small, until());
  expect(refused('a', small)).toMatch(/^The token has too many requests under way\./);
  setLate(101);
  expect(refused('e')).toMatch(/^The gateway has too much to do\./);
  expect(refused('e', small)).toBeNull();
});

test('a queued large request starts when the one that blocks it leaves the queue', async () => {
  const { open } = start(20);
  const part = (work: number) => ({ shape: null, atFirst: work, atMost: work });
  for (const token of ['a', 'b']) void open(token).enter(part(450_000), until());
  const leaving = new AbortController();
  const blocking = open('c').enter(part(250_000), { ...until(), signal: leaving.signal });
  const next = open('d').enter(part(50_000), until());
  expect(next).toBeInstanceOf(Promise);
  leaving.abort();
  expect([await blocking, await next]).toEqual([false, true]);
});

test('after the longest wait the refusal names the limit that was in the way', async () => {
  vi.useFakeTimers();
  try {
    const { open } = start(20);
    const part = (work: number) => ({ shape: null, atFirst: work, atMost: work });
    void open('a').enter(part(700_000), until());
    const own = open('a');
    const waiting = own.enter(part(100_000), until());
    await vi.advanceTimersByTimeAsync(2000);
    expect(await waiting).toBe(false);
    expect(own.refusal()?.message).toContain('The token has too many large queries under way.');
  } finally {
    vi.useRealTimers();
  }
});
