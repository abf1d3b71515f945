import { describe, expect, test, vi } from 'vitest';
import { subscribe } from '../support/event-stream.ts';
import { type FaultyRegion, namesOf, startFaultyRegion } from '../support/faulty-region.ts';
import {
  ask,
  errorOf,
  expectAttempts,
  expectRecovery,
  idsOf,
  isRight,
  list,
  merged,
  newestFirst,
  sentence,
  troubles,
} from './network.ts';

/*
 * What comes of a request when the network between the gateway and one region, kr1, fails in every way a network can:
 * the answer and its code, how often the region was asked, and that nothing stays open behind it. Each test has a
 * gateway of its own: nothing is left over from another, such as a memory of failures.
 */

describe('a list of one region is right or fails with its code, after as many attempts as help', () => {
  test.each(troubles)('$name', async (trouble) => {
    await using region = await startFaultyRegion(trouble);
    const { data, errors } = await ask(region, trouble, list);
    const right = isRight(trouble, 'list');
    expect(data).toEqual({ region: { volumes: right ? { nodes: newestFirst(namesOf('kr1')) } : null } });
    expect(errors).toEqual(right ? undefined : [errorOf(trouble, 'list', ['region', 'volumes'])]);
    expectAttempts(region, trouble, 'GET', trouble.attempts);
    await expectRecovery(region, trouble);
  });
});

describe('a merged list has the other regions whole, and names the one in trouble once', () => {
  test.each(troubles)('$name', async (trouble) => {
    await using region = await startFaultyRegion(trouble);
    const { data, errors } = await ask(region, trouble, merged);
    const right = isRight(trouble, 'merged');
    expect(errors).toBeUndefined();
    expect(data.volumes).toEqual({
      nodes: newestFirst([...(right ? namesOf('kr1') : []), ...namesOf('kr2'), ...namesOf('jp1')]),
      failures: right ? [] : [{ region: { code: 'KR1' }, code: trouble.code, message: sentence }],
    });
    expectAttempts(region, trouble, 'GET', trouble.attempts);
    await expectRecovery(region, trouble);
  });
});

test('of many reads in a region that flaps each is right or has a code, and nearly all are right', async () => {
  await using region = await startFaultyRegion();
  const expected = await region.gateway.data(list);
  // With these the failing half of the attempts does not become more than half.
  for (let index = 0; index < 10; index++) await region.gateway.data(list);
  await region.proxy.use('flap');
  let right = 0;
  for (let index = 0; index < 40; index++) {
    const { data, errors } = await region.gateway.query(list);
    if (errors) {
      expect(errors.map(({ extensions }) => extensions)).toEqual([{ code: 'UPSTREAM_UNAVAILABLE', region: 'KR1' }]);
    } else {
      expect(data).toEqual(expected);
      right++;
    }
  }
  expect(right).toBeGreaterThanOrEqual(36);
  // It did flap: one connection for each answer, and one in vain.
  expect(region.proxy.counts.opened).toBeGreaterThan(60);
});

describe('who follows a volume is told nothing of the trouble, and its next change when that is over', () => {
  // What the configuration says of a region is never over.
  test.each(troubles.filter(({ link }) => !link))('$name', async (trouble) => {
    await using region = await startFaultyRegion({ ...trouble, fault: 'pass' });
    const [id = ''] = idsOf(region);
    const query = `subscription { volumeUpdated(id: "${id}", region: KR1, until: [ERROR]) { status } }`;
    await using subscribed = subscribe(region.gateway, query);
    await vi.waitFor(() => expect(subscribed.results).toHaveLength(1), 5000);
    const before = await readsOfVolume(region);
    await region.proxy.use(trouble.fault);
    await vi.waitFor(async () => expect(await readsOfVolume(region)).toBeGreaterThan(before + 1), 10_000);
    region.simulator.store('kr1').setStatus(id, 'error');
    await region.proxy.use('pass');
    await subscribed.ended;
    const told = (status: string) => ({ data: { volumeUpdated: { status } } });
    expect(subscribed.results).toEqual([told('AVAILABLE'), told('ERROR')]);
  });
});

/** Of one volume, however they ended. */
async function readsOfVolume({ gateway }: FaultyRegion): Promise<number> {
  const { text } = await gateway.fetch('/metrics');
  const counts = text.matchAll(/^gateway_upstream_duration_seconds_count\{.*resource="\/volumes\/\{id\}".*\} (\d+)$/gm);
  return Array.from(counts, ([, count]) => Number(count)).reduce((sum, count) => sum + count, 0);
}
