import { expect, test, vi } from 'vitest';
import { createMemory } from '../../src/fairness/memory-pool.ts';
import { Receiving } from '../../src/upstream/receive.ts';

/* A body that is received while memory is short. */

const mib = 1024 * 1024;
const later = () => ({ deadline: performance.now() + 60_000 });
const chunk = Buffer.alloc(256 * 1024, ' ');

test('a body that is discarded while it waits for memory leaves the queue and holds nothing', async () => {
  const memory = createMemory(16 * mib);
  const other = memory.open('other');
  await other.hold('bodies').grow(12 * mib, { ...later(), signal: new AbortController().signal });
  const own = memory.open('own');
  const body = new Receiving(own);
  body.expect(4 * mib);
  expect(body.take(chunk)).toBe(false);
  const paid = body.pay(later());
  await vi.waitFor(() => expect(memory.waiting).toBe(1));
  body.drop();
  await paid;
  expect(memory.waiting).toBe(0);
  own.close();
  other.close();
  expect(memory.charged).toEqual({ bodies: 0, rows: 0, answers: 0 });
});

test('a body that is discarded in the tick in which its memory is granted holds nothing', async () => {
  const memory = createMemory(16 * mib);
  const own = memory.open('own');
  const body = new Receiving(own);
  body.expect(4 * mib);
  expect(body.take(chunk)).toBe(false);
  const paid = body.pay(later());
  body.drop();
  await paid;
  own.close();
  expect(memory.charged).toEqual({ bodies: 0, rows: 0, answers: 0 });
});

test('a body for which the system has no memory is refused for the gateway’s lack of memory', async () => {
  const body = new Receiving(createMemory(2 ** 60).open('own'));
  body.expect(2 ** 50);
  expect(body.take(chunk)).toBe(false);
  expect(await body.pay(later())).toBe('ofGateway');
});
