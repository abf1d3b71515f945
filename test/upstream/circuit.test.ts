import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { createCircuit } from '../../src/upstream/circuit.ts';

/* When a circuit opens and closes, on a clock of the test's own. */

let now = 0;

beforeEach(() => {
  now = 1000;
  vi.spyOn(performance, 'now').mockImplementation(() => now);
});

afterEach(() => vi.restoreAllMocks());

function createNoting(leastSources: number) {
  const circuit = createCircuit({ leastSources, onOpen() {} });
  const note = (outcome: 'good' | 'bad', count: number, source?: string) => {
    for (let index = 0; index < count; index++) circuit.note(outcome, now, source);
  };
  return { circuit, note };
}

describe('a circuit opens', () => {
  test('when more than half of at least 20 calls failed', () => {
    const { circuit, note } = createNoting(1);
    note('good', 9);
    note('bad', 9);
    expect(circuit.isClosed()).toBe(true);
    note('bad', 2);
    expect(circuit.isClosed()).toBe(false);
  });

  test('not for fewer than 20 calls', () => {
    const { circuit, note } = createNoting(1);
    note('bad', 19);
    expect(circuit.isClosed()).toBe(true);
  });

  test('not for the calls of one source while others succeed', () => {
    const { circuit, note } = createNoting(2);
    note('good', 10, 'two');
    note('bad', 60, 'one');
    expect(circuit.isClosed()).toBe(true);
    note('bad', 1, 'three');
    expect(circuit.isClosed()).toBe(false);
  });

  test('for the calls of one source where no other is known to succeed', () => {
    const { circuit, note } = createNoting(2);
    note('good', 5, 'one');
    note('good', 5);
    note('bad', 20, 'one');
    expect(circuit.isClosed()).toBe(false);
  });

  test('not for calls that were made before it closed', () => {
    const { circuit, note } = createNoting(1);
    note('bad', 20);
    now += 10;
    circuit.close();
    for (let index = 0; index < 30; index++) circuit.note('bad', now - 5);
    expect(circuit.isClosed()).toBe(true);
  });
});

describe('an open circuit', () => {
  function createOpen() {
    const { circuit, note } = createNoting(1);
    note('bad', 20);
    return circuit;
  }

  test('lets nothing through for five seconds, and then one read each time', () => {
    const circuit = createOpen();
    expect([circuit.mayTry('GET'), circuit.retryAfter()]).toEqual([false, 5]);
    now += 5000;
    expect([circuit.mayTry('POST'), circuit.mayTry('GET')]).toEqual([false, true]);
    circuit.begin();
    expect([circuit.mayTry('GET'), circuit.retryAfter()]).toEqual([false, 5]);
  });

  test('lets the next read through where the last one found out nothing', () => {
    const circuit = createOpen();
    now += 5000;
    circuit.begin();
    circuit.giveUp();
    expect(circuit.mayTry('GET')).toBe(true);
  });

  test('closes for a good call that was made after it opened, and for no earlier one', () => {
    const circuit = createOpen();
    circuit.note('good', now - 1);
    expect(circuit.isClosed()).toBe(false);
    now += 5000;
    circuit.note('good', now);
    expect([circuit.isClosed(), circuit.retryAfter()]).toEqual([true, null]);
  });
});
