import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { createFingerprints } from '../../src/recording/fingerprint.ts';
import type { Caller, UpstreamAnswer } from '../../src/upstream/send.ts';
import { alice, startStack } from '../support/stack.ts';
import { ask, known, remembering } from './replay.ts';

/* A changed body is found, however large it is and however it arrives. */

const fingerprints = createFingerprints();

/** What the fingerprints need of a caller and of an answer. */
const callerWith = (goOn: () => Promise<boolean> | null) => ({ owner: 'alice', turns: { goOn } }) as unknown as Caller;
const answerOf = (chunks: readonly Buffer[]) => ({ chunks }) as unknown as UpstreamAnswer;
const unhurried = callerWith(() => null);

/** The same bytes in chunks that end at these places. */
function split(body: Buffer, places: readonly number[]): UpstreamAnswer {
  const ends = [...places.map((place) => place % body.length), body.length].toSorted((one, other) => one - other);
  return answerOf(ends.map((end, index) => body.subarray(ends[index - 1] ?? 0, end)));
}

describe('a fingerprint', () => {
  const places = fc.array(fc.nat(), { maxLength: 30 });

  test.each([
    ['a small body', 700],
    ['the body of a thousand rows', 1_200_000],
  ])('of %s finds a change of any one byte, in any chunks', async (_, size) => {
    const body = Buffer.alloc(size, 'the body of a response ');
    const change = fc.record({ at: fc.nat({ max: size - 1 }), by: fc.integer({ min: 1, max: 255 }) });
    await fc.assert(
      fc.asyncProperty(change, places, places, async ({ at, by }, before, after) => {
        const fingerprint = await fingerprints.of(split(body, before), unhurried);
        if (!fingerprint) throw new Error('there is a fingerprint unless the caller leaves');
        expect(await fingerprints.matches(split(body, after), fingerprint, unhurried)).toBe(true);
        const changed = Buffer.from(body);
        changed[at] = (changed[at] ?? 0) ^ by;
        expect(await fingerprints.matches(split(changed, after), fingerprint, unhurried)).toBe(false);
        expect(await fingerprints.matches(answerOf([body, Buffer.from(' ')]), fingerprint, unhurried)).toBe(false);
        expect(await fingerprints.matches(answerOf([body.subarray(1)]), fingerprint, unhurried)).toBe(false);
      }),
      { numRuns: 60 },
    );
  });

  test('of a large body is small, and differs from process to process', async () => {
    const answer = answerOf([Buffer.alloc(1_200_000, 'row ')]);
    const [one, other] = [await fingerprints.of(answer, unhurried), await createFingerprints().of(answer, unhurried)];
    expect(one?.mark).toHaveLength(16);
    expect(one?.mark.equals(other?.mark ?? Buffer.alloc(0))).toBe(false);
  });

  test('of a long body is made in steps, each in a turn of the caller, and not at all if the turn is refused', async () => {
    const answer = split(Buffer.alloc(20 * 1024 * 1024, 'row '), [1_000_000, 9_000_000]);
    let turns = 0;
    const granted = callerWith(() => {
      turns++;
      return turns % 2 === 0 ? null : Promise.resolve(true);
    });
    const fingerprint = await fingerprints.of(answer, granted);
    if (!fingerprint) throw new Error('there is a fingerprint unless the caller leaves');
    expect(turns).toBeGreaterThanOrEqual(4);
    expect(await fingerprints.matches(answer, fingerprint, granted)).toBe(true);
    const refused = callerWith(() => Promise.resolve(false));
    expect(await fingerprints.of(answer, refused)).toBeNull();
    expect(await fingerprints.matches(answer, fingerprint, refused)).toBe(false);
  });
});

test('a list with responses of several MiB is answered from its record, after the same calls, until one row changes', async () => {
  await using stack = await startStack({ environment: remembering });
  const store = stack.simulator.store('kr1');
  const description = 'd'.repeat(2_000);
  const volumes = Array.from({ length: 1_100 }, (_, index) =>
    store.addVolume(alice.tenant, { name: `volume ${index}`, description }),
  );
  const query = '{ region(code: KR1) { volumes(first: 1000) { totalCount nodes { name } } } }';
  const calls = [];
  const texts = [];
  for (let time = 0; time < 3; time++) {
    stack.simulator.clearRequests();
    texts.push((await ask(stack, query)).text);
    calls.push(stack.simulator.requests.map(({ path }) => path));
  }
  expect(await known(stack)).toBe(1);
  expect(texts[2]).toBe(texts[0]);
  // A page and the one behind it, which depends on the last row of the first.
  expect(calls[0]?.length).toBeGreaterThan(1);
  expect(calls[2]).toEqual(calls[0]);
  store.addVolume(alice.tenant, { ...volumes.at(-1), name: 'renamed' });
  expect((await ask(stack, query)).text).toContain('"renamed"');
  expect(await known(stack)).toBe(1);
});

test('a recorded call that follows from another response is not made once that response has changed', async () => {
  await using stack = await startStack({ environment: remembering });
  const store = stack.simulator.store('kr1');
  for (let index = 0; index < 1_100; index++) store.addVolume(alice.tenant, { name: `volume ${index}` });
  const query = '{ region(code: KR1) { volumes(first: 1000) { totalCount nodes { name } } } }';
  for (let time = 0; time < 3; time++) await ask(stack, query);
  expect(await known(stack)).toBe(1);
  const markers = () => stack.simulator.requests.map(({ path }) => /marker=([^&]*)/.exec(path)?.[1]).filter(Boolean);
  const [marker = ''] = markers();
  store.remove(marker);
  stack.simulator.clearRequests();
  expect((await ask(stack, query)).text).toContain('"totalCount":1099');
  expect(markers()).not.toHaveLength(0);
  expect(markers()).not.toContain(marker);
});
