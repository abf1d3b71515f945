import { totalmem } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import fc from 'fast-check';
import { afterAll, describe, expect, test, vi } from 'vitest';
import type { Hold, Kind } from '../../src/fairness/memory.ts';
import { memoryBudget } from '../../src/fairness/memory-budget.ts';
import { createMemory } from '../../src/fairness/memory-pool.ts';
import { Receiving } from '../../src/upstream/receive.ts';
import { mib } from './memory-stack.ts';

/* The memory budget: requests wait for memory, are refused if they cannot get it, and give all of it back. */

const later = () => ({ deadline: performance.now() + 60_000, signal: new AbortController().signal });

/** What one request does: claims memory in steps, then keeps a part of it until the request is over. */
interface Work {
  readonly owner: number;
  readonly kind: Kind;
  readonly steps: readonly number[];
  readonly kept: number;
  readonly ending: 'close' | 'release' | 'leave';
}

const works = fc.array(
  fc.record({
    owner: fc.nat({ max: 3 }),
    kind: fc.constantFrom<Kind>('bodies', 'rows', 'answers'),
    steps: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 3 }),
    kept: fc.nat({ max: 100 }),
    ending: fc.constantFrom('close', 'release', 'leave'),
  }),
  { minLength: 1, maxLength: 20 },
);

test('every claim is granted or refused, no owner gets more than its share, and all memory is given back', () =>
  fc.assert(
    fc.asyncProperty(works, async (all: readonly Work[]) => {
      vi.useFakeTimers();
      try {
        const memory = createMemory(100);
        const heldBy = new Map<number, number>();
        const run = async ({ owner, kind, steps, kept, ending }: Work) => {
          const account = memory.open(String(owner));
          const hold = account.hold(kind);
          const leaving = new AbortController();
          const count = (bytes: number) => heldBy.set(owner, (heldBy.get(owner) ?? 0) + bytes);
          let own = 0;
          if (ending === 'leave') setTimeout(() => leaving.abort(), 10);
          for (const bytes of steps) {
            if ((await hold.grow(bytes, { ...later(), signal: leaving.signal })) !== null) break;
            own += bytes;
            count(bytes);
            expect(heldBy.get(owner)).toBeLessThanOrEqual(75);
            expect(chargedIn(memory)).toBeLessThanOrEqual(100);
          }
          const less = Math.max(0, own - kept);
          count(-less);
          hold.keep(kept, 'rows');
          await Promise.resolve();
          count(less - own);
          if (ending === 'release') account.release();
          account.close();
        };
        const ended = Promise.all(all.map(run));
        await vi.runAllTimersAsync();
        await ended;
        expect([chargedIn(memory), memory.waiting]).toEqual([0, 0]);
      } finally {
        vi.useRealTimers();
      }
    }),
    { numRuns: 200 },
  ));

function chargedIn({ charged }: ReturnType<typeof createMemory>): number {
  return charged.bodies + charged.rows + charged.answers;
}

const nothingLeft: Record<Kind, number> = { bodies: 0, rows: 0, answers: 0 };

async function holding(memory: ReturnType<typeof createMemory>, owner: string, bytes: number): Promise<Hold> {
  const hold = memory.open(owner).hold('bodies');
  expect(await hold.grow(bytes, later())).toBe(null);
  return hold;
}

test('among new requests the owner that holds least gets memory first, even if another has asked earlier', async () => {
  const memory = createMemory(100);
  const first = await holding(memory, 'rich', 50);
  await holding(memory, 'rich', 10);
  const order: string[] = [];
  const ask = (owner: string) =>
    memory
      .open(owner)
      .hold('bodies')
      .grow(50, later())
      .then(() => void order.push(owner));
  const asked = [ask('rich'), ask('poor')];
  first.keep(10);
  first.keep(0);
  await Promise.all(asked.slice(1));
  expect(order).toEqual(['poor']);
});

test('a request that already holds memory goes before a new one', async () => {
  const memory = createMemory(100);
  const full = await holding(memory, 'other', 50);
  const begun = await holding(memory, 'begun', 35);
  const order: string[] = [];
  const ask = (name: string, hold: Hold) => hold.grow(20, later()).then(() => void order.push(name));
  const asked = [ask('new', memory.open('new').hold('bodies')), ask('begun', begun)];
  // The order in which promises resolve is that of the grants only once their callbacks are registered.
  await setImmediate();
  full.keep(0);
  await Promise.all(asked);
  expect(order).toEqual(['begun', 'new']);
});

test('requests that need more memory than there is are finished one after the other, and none is refused', async () => {
  const memory = createMemory(100);
  const finish = async (owner: string) => {
    const account = memory.open(owner);
    const rows = account.hold('rows');
    const shortages: unknown[] = [];
    for (let page = 0; page < 3; page++) shortages.push(await rows.grow(4, later()));
    shortages.push(await account.hold('answers').grow(2, later()));
    account.close();
    return shortages;
  };
  for (const ownerOf of [() => 'one', String])
    for (const shortages of await Promise.all(Array.from({ length: 40 }, (_, index) => finish(ownerOf(index)))))
      expect(shortages).toEqual([null, null, null, null]);
  expect(memory.charged).toEqual(nothingLeft);
});

test('if two requests wait for each other’s memory, the younger one is refused and the other continues', async () => {
  const memory = createMemory(100);
  const [older, younger] = [memory.open('both'), memory.open('both')];
  const holds = [older.hold('rows'), younger.hold('rows')];
  for (const hold of holds) expect(await hold.grow(30, later())).toBe(null);
  const [first, second] = holds.map((hold) => hold.grow(30, later()));
  expect(await second).toBe('ofCaller');
  younger.close();
  expect(await first).toBe(null);
  older.close();
  expect(memory.charged).toEqual(nothingLeft);
});

test('a claim to more than a share is refused at once, and so is a claim after the deadline', async () => {
  const memory = createMemory(100);
  const hold = memory.open('one').hold('bodies');
  expect(await hold.grow(76, later())).toBe('ofCaller');
  expect(await hold.grow(1, { ...later(), deadline: performance.now() - 1 })).toBe('ofGateway');
});

test('a request that is over is charged for nothing but its answer, until that is sent', async () => {
  const memory = createMemory(100);
  const account = memory.open('one');
  await account.hold('rows').grow(10, later());
  await account.hold('answers').grow(10, later());
  account.release();
  account.count('rows', 5);
  await account.hold('bodies').grow(5, later());
  expect(memory.charged).toEqual({ ...nothingLeft, answers: 10 });
  account.close();
  account.count('answers', 5);
  expect(memory.charged).toEqual(nothingLeft);
});

test('what holds memory is told once when the request is over, or at once if it is over already', () => {
  const account = createMemory(100).open('one');
  const freed: string[] = [];
  account.onRelease(() => freed.push('early'));
  expect(freed).toEqual([]);
  account.release();
  account.onRelease(() => freed.push('late'));
  account.close();
  expect(freed).toEqual(['early', 'late']);
});

test('what holds memory is told no earlier than a shared call allows', () => {
  const account = createMemory(100).open('one');
  const freed: string[] = [];
  const done = account.retain();
  account.onRelease(() => freed.push('rows'));
  account.release();
  expect(freed).toEqual([]);
  done();
  expect(freed).toEqual(['rows']);
});

test('a body is empty once it is freed, whether it was gathered or not', () => {
  for (const bytes of [1024, 150 * 1024]) {
    const body = new Receiving(createMemory(8 * mib).open('one'));
    body.expect(bytes);
    body.take(Buffer.alloc(bytes / 2, 'x'));
    body.take(Buffer.alloc(bytes / 2, 'y'));
    const { chunks, free } = body.result();
    expect(Buffer.concat(chunks).toString('latin1')).toBe('x'.repeat(bytes / 2) + 'y'.repeat(bytes / 2));
    free();
    expect(chunks).toEqual([]);
  }
});

test('a body that is given up leaves no claim behind', async () => {
  const memory = createMemory(8 * mib);
  const full = await holding(memory, 'other', 5 * mib);
  const body = new Receiving(memory.open('one'));
  body.expect(2 * mib);
  body.take(Buffer.alloc(300 * 1024, 'x'));
  const paying = body.pay(later());
  expect(memory.waiting).toBe(1);
  body.drop();
  await paying;
  full.keep(0);
  expect([memory.waiting, memory.charged]).toEqual([0, nothingLeft]);
});

describe('the budget', () => {
  const contained = vi.spyOn(process, 'constrainedMemory');
  afterAll(() => contained.mockRestore());

  test('follows the lowest limit: that of the variable, the container or the machine', () => {
    contained.mockReturnValue(2048 * mib);
    const ofContainer = memoryBudget(null);
    expect(memoryBudget(4096)).toEqual(ofContainer);
    expect(memoryBudget(1024).requests).toBeLessThan(ofContainer.requests);
    contained.mockReturnValue(1024 * mib);
    expect(memoryBudget(null)).toEqual(memoryBudget(1024));
  });

  test('follows the memory of the machine if the container has no limit', () => {
    const unlimited = [0, 2 ** 63, Number.MAX_SAFE_INTEGER].map((said) => {
      contained.mockReturnValue(said);
      return memoryBudget(null);
    });
    contained.mockReturnValue(totalmem());
    for (const budget of unlimited) expect(budget).toEqual(memoryBudget(null));
  });

  test.each([256, 512, 1024, 4096, 65_536])('for %i MiB fits into them with all its parts', (limit) => {
    contained.mockReturnValue(limit * mib);
    const { requests, records, incoming } = memoryBudget(null);
    expect(requests + records + incoming).toBeLessThan(0.85 * limit * mib);
    expect(requests).toBeGreaterThan(4 * Math.max(records, incoming));
    expect(records).toBeLessThanOrEqual(64 * mib);
    expect(incoming).toBeLessThanOrEqual(128 * mib);
  });
});
