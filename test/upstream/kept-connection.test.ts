import { describe, expect, test, vi } from 'vitest';
import { namesOf, startFaultyRegion } from '../support/faulty-region.ts';
import { alice, bob, type GatewayUnderTest } from '../support/stack.ts';

/* What can come over a connection that was kept for the next request, or become of it in the meantime. */

const list = '{ region(code: KR1) { volumes { nodes { name status } } } }';
const names = '{ region(code: KR1) { volumes { nodes { name } } } }';
const merged = '{ volumes(first: 100) { nodes { name status } failures { region { code } code } } }';
const one = 'query($id: ID!) { volume(id: $id, region: KR1) { name status } }';
const create = 'mutation { createVolume(input: { region: KR1, size: 1 }) { volume { id } } }';

const newestFirst = (names: readonly string[]) => names.map((name) => ({ name, status: 'AVAILABLE' })).reverse();

test('a region that went away behind a kept connection refuses a write, whose outcome is not unknown', async () => {
  await using region = await startFaultyRegion();
  await region.gateway.data(list);
  await region.proxy.use('refuse');
  const { errors } = await region.gateway.query(create);
  expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code: 'UPSTREAM_UNAVAILABLE', region: 'KR1' }]);
  expect(region.arrived()).toEqual(['GET']);
});

test('a write to a region that went away and came back goes over a new connection, once', async () => {
  await using region = await startFaultyRegion();
  await region.gateway.data(list);
  await region.proxy.use('refuse');
  await region.proxy.use('pass');
  await region.gateway.data(create);
  expect(region.arrived()).toEqual(['GET', 'POST']);
  expect(region.proxy.counts.opened).toBe(2);
});

test('an answer of another kind that nobody asked for fails the call it meets, and what follows is right', async () => {
  await using region = await startFaultyRegion();
  const { gateway, proxy } = region;
  await gateway.data(list);
  proxy.slip(answerOf('{"volume_types": []}'));
  expect((await gateway.query(list)).errors?.map(({ extensions }) => extensions?.code)).toEqual(['UPSTREAM_ERROR']);
  const [volume] = region.simulator.store('kr1').volumes(alice.tenant);
  const next = await gateway.query(one, { variables: { id: volume?.id } });
  expect(next).toEqual({ data: { volume: { name: volume?.name, status: 'AVAILABLE' } } });
});

/** A whole HTTP answer. */
function answerOf(body: string): string {
  return `HTTP/1.1 200 OK\r\nContent-Type: application/json\r\nContent-Length: ${body.length}\r\n\r\n${body}`;
}

describe('rows of another tenant in an answer that nobody asked for, which comes while the next request waits', () => {
  const secret = 'name-of-a-volume-of-bob';

  /** Three connections are kept, and the next request is answered with what bob is told at this path. */
  async function startSlipping(pathOf: (uuid: string) => string) {
    const region = await startFaultyRegion();
    const { gateway, simulator, proxy } = region;
    const { id } = simulator.store('kr1').addVolume(bob.tenant, { name: secret });
    const release = simulator.hold();
    const answers = [gateway.data(list), gateway.data(list), gateway.data(list)];
    await simulator.waitForRequests(answers.length);
    release();
    await Promise.all(answers);
    expect(proxy.counts).toMatchObject({ opened: 3, open: 3 });
    const url = `${simulator.endpoints.kr1}/v2/${bob.tenant}${pathOf(id)}`;
    const body = await (await fetch(url, { headers: { 'x-auth-token': bob.token } })).text();
    expect(body).toContain(secret);
    proxy.slip(answerOf(body));
    return region;
  }

  /** Nothing of bob's is told to alice, nor to the log. */
  function expectNothingTold(answer: unknown, { log }: GatewayUnderTest): void {
    for (const text of [JSON.stringify(answer), ...log]) {
      expect(text).not.toContain(secret);
      expect(text).not.toContain(bob.tenant);
    }
  }

  const details = () => '/volumes/detail';

  test.each([
    ['a list', list, details],
    // Its rows name their tenant in their links alone.
    ['a list of names', names, () => '/volumes'],
    ['a lookup', one, (uuid: string) => `/volumes/${uuid}`],
  ])('fail %s, and nothing of them is told', async (_, query, pathOf) => {
    await using region = await startSlipping(pathOf);
    const [volume] = region.simulator.store('kr1').volumes(alice.tenant);
    const answer = await region.gateway.query(query, query === one ? { variables: { id: volume?.id } } : {});
    expectNothingTold(answer, region.gateway);
    expect(answer.errors?.map(({ extensions }) => extensions)).toEqual([
      { code: 'UPSTREAM_ERROR', region: 'KR1', upstream: { status: 200, requestId: null } },
    ]);
  });

  test('fail the region in a merged list, and nothing of them is told', async () => {
    await using region = await startSlipping(details);
    const { volumes } = await region.gateway.data(merged);
    expectNothingTold(volumes, region.gateway);
    expect(volumes).toEqual({
      nodes: newestFirst([...namesOf('kr2'), ...namesOf('jp1')]),
      failures: [{ region: { code: 'KR1' }, code: 'UPSTREAM_ERROR' }],
    });
  });

  test('close the connection that they came on and no other, and the next request has its own answer', async () => {
    await using region = await startSlipping(details);
    const { gateway, simulator, proxy } = region;
    expect((await gateway.query(list)).errors).toHaveLength(1);
    // What the region answered to it is still on its way: whoever used the connection again would be told that.
    const [volume] = simulator.store('kr1').volumes(alice.tenant);
    const next = await gateway.query(one, { variables: { id: volume?.id } });
    expect(next).toEqual({ data: { volume: { name: volume?.name, status: 'AVAILABLE' } } });
    await vi.waitFor(() => expect(proxy.counts).toMatchObject({ opened: 4, open: 3 }), 5000);
  });
});
