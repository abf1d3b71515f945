import { expect, test } from 'vitest';
import { large, small, start, until } from './admission.ts';

/* The estimates of admission control: what a request is expected to need, and what it turned out to need. */

test('the cost of a request replaces the estimate of the caller’s next request of the same shape', () => {
  const { admission, open } = start(20);
  const estimate = { shape: 'a scan', atFirst: 250_000, atMost: 500_000 };
  const run = (charged: number) => {
    const request = open('a');
    void request.enter(estimate, until());
    const { work } = admission;
    request.charge(charged);
    request.complete();
    request.leave();
    return work;
  };
  expect(run(1_000)).toBe(250_000);
  expect(run(1_000)).toBe(1_000);
  expect(run(4_500_000)).toBe(1_000);
  expect(run(0)).toBe(500_000);
});

test('less work is admitted if the event loop is slower than estimated', () => {
  const { open, setSpeed } = start(20);
  setSpeed(0.5);
  const part = { shape: null, atFirst: 200_000, atMost: 200_000 };
  expect(open('a').enter(part, until())).toBe(true);
  expect(open('a').enter(part, until())).toBeInstanceOf(Promise);
  expect(open('b').enter(part, until())).toBe(true);
  expect(open('c').enter(part, until())).toBe(false);
});

test('work beyond the estimate counts against the caller’s share while the request runs', () => {
  const { open } = start(20);
  const growing = open('a');
  void growing.enter(small, until());
  growing.charge(700_000);
  expect(open('a').enter({ ...large, atFirst: 100_000 }, until())).toBeInstanceOf(Promise);
  growing.leave();
  expect(open('a').enter({ ...large, atFirst: 100_000 }, until())).toBe(true);
});

test('a request that fails does not change the estimate of its shape', () => {
  const { admission, open } = start(20);
  const estimate = { shape: 'a scan', atFirst: 250_000, atMost: 500_000 };
  const failed = open('a');
  void failed.enter(estimate, until());
  failed.charge(300);
  failed.leave();
  for (const token of ['a', 'b']) {
    const request = open(token);
    void request.enter(estimate, until());
    expect(admission.work).toBe(250_000);
    request.leave();
  }
});
