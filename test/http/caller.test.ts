import { describe, expect, test, vi } from 'vitest';
import { subscribe } from '../support/event-stream.ts';
import { alice, bob, openSimulator, type Stack, startGateway, startStack } from '../support/stack.ts';

/* Who is one caller: what is shared among callers is counted by the tokens of a request, however they are sent. */

const list = '{ region(code: KR1) { volumes { nodes { status } } } }';

/** Alice's token in every way in which it can be sent. */
const spellings: Record<string, string>[] = [
  { 'x-auth-token': alice.token },
  { authorization: `Bearer ${alice.token}` },
  { authorization: `bearer  ${alice.token}` },
  { Authorization: `BEARER ${alice.token} ` },
  { 'X-Auth-Token': ` ${alice.token}`, authorization: `Bearer ${alice.token}` },
  { 'x-auth-token-kr1': alice.token },
  { 'X-Auth-Token-KR1': alice.token, 'x-auth-token-kr2': alice.token },
];

function ask(stack: Stack, headers: Record<string, string>, query = list, accept = 'application/json') {
  return stack.fetch('/graphql', {
    method: 'POST',
    headers: { 'content-type': 'application/json', accept, 'x-tenant-id': alice.tenant, ...headers },
    body: JSON.stringify({ query }),
  });
}

const asBob = { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant };
const metric = async (stack: Stack, line: string) =>
  expect((await stack.fetch('/metrics')).text).toContain(`${line}\n`);

/** A gateway whose regions have accepted the tokens of alice and bob. */
async function startKnowing(environment: Record<string, string>): Promise<Stack> {
  const stack = await startStack({ environment });
  for (const headers of [{ 'x-auth-token': alice.token }, asBob]) expect((await ask(stack, headers)).status).toBe(200);
  stack.simulator.clearRequests();
  return stack;
}

describe('requests', () => {
  test('with one token, however it is sent, have one share of the places, and another caller gets in', async () => {
    await using stack = await startKnowing({ MAX_IN_FLIGHT: '8' });
    const release = stack.simulator.hold();
    const served = spellings.slice(0, 4).map((headers) => ask(stack, headers));
    await stack.simulator.waitForRequests(4);
    for (const headers of spellings) expect((await ask(stack, headers)).status).toBe(503);
    const other = ask(stack, asBob);
    await stack.simulator.waitForRequests(5);
    release();
    for (const { status } of await Promise.all([...served, other])) expect(status).toBe(200);
  });

  test('with several tokens count against each of them', async () => {
    await using stack = await startKnowing({ MAX_IN_FLIGHT: '8' });
    const release = stack.simulator.hold();
    const served = [1, 2, 3, 4].map((index) =>
      ask(stack, { 'x-auth-token': alice.token, 'x-auth-token-jp1': `another-${index}` }),
    );
    await stack.simulator.waitForRequests(4);
    expect((await ask(stack, { 'x-auth-token': alice.token })).status).toBe(503);
    expect((await ask(stack, { 'x-auth-token-kr2': alice.token, 'x-auth-token': 'another' })).status).toBe(503);
    release();
    await Promise.all(served);
  });

  test('with a thousand invented tokens keep no known caller out', async () => {
    await using stack = await startKnowing({ MAX_IN_FLIGHT: '16' });
    const release = stack.simulator.hold();
    const refused: string[] = [];
    const invented = Array.from({ length: 1000 }, async (_, index) => {
      const { status, text } = await ask(stack, { 'x-auth-token': `invented-${index}` });
      if (status === 503) refused.push(text);
    });
    await vi.waitFor(() => expect(refused.length).toBeGreaterThan(900), 10_000);
    const known = Array.from({ length: 8 }, () => ask(stack, asBob));
    await stack.simulator.waitForRequests(4 + 8);
    release();
    for (const { status } of await Promise.all(known)) expect(status).toBe(200);
    await Promise.all(invented);
    expect(refused[0]).toContain('tokens no region has accepted yet');
    await vi.waitFor(() => metric(stack, 'gateway_requests_in_flight 0'));
  });

  test('with a new token wait for the first answer to it, and are let in then', async () => {
    await using stack = await startStack({ environment: { MAX_IN_FLIGHT: '16' } });
    // The other of the first two holds its place throughout.
    const mend = stack.simulator.inject({ kind: 'hang', path: /snapshots/ });
    const leaving = new AbortController();
    const held = fetch(`${stack.url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', 'x-tenant-id': alice.tenant, 'x-auth-token': alice.token },
      body: JSON.stringify({ query: '{ region(code: KR1) { snapshots { nodes { id } } } }' }),
      signal: leaving.signal,
    }).catch(() => null);
    await stack.simulator.waitForRequests(1);
    const release = stack.simulator.hold();
    const first = ask(stack, { 'x-auth-token': alice.token });
    await stack.simulator.waitForRequests(2);
    const waiting = [1, 2, 3].map(() => ask(stack, { 'x-auth-token': alice.token }));
    await vi.waitFor(() => metric(stack, 'gateway_requests_waiting 3'), { interval: 5 });
    release();
    for (const { status } of await Promise.all([first, ...waiting])) expect(status).toBe(200);
    leaving.abort();
    await held;
    mend();
  });

  test('do not become known when a region refuses their token', async () => {
    await using stack = await startStack({ environment: { MAX_IN_FLIGHT: '16' } });
    for (let index = 0; index < 5; index++) await ask(stack, { 'x-auth-token': 'invented' });
    stack.simulator.clearRequests();
    const release = stack.simulator.hold();
    const held = [1, 2].map(() => ask(stack, { 'x-auth-token': 'invented' }));
    await stack.simulator.waitForRequests(2);
    const waiting = ask(stack, { 'x-auth-token': 'invented' });
    await vi.waitFor(() => metric(stack, 'gateway_requests_waiting 1'));
    release();
    await Promise.all([...held, waiting]);
  });
});

describe('event streams', () => {
  const follow = (stack: Stack, id: string) => (headers: Record<string, string>, signal: AbortSignal) =>
    fetch(`${stack.url}/graphql`, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        accept: 'text/event-stream',
        'x-tenant-id': alice.tenant,
        ...headers,
      },
      body: JSON.stringify({ query: `subscription { volumeUpdated(id: "${id}", region: KR1) { name } }` }),
      signal,
    });

  test('with one token, however it is sent, have one share of the streams, and another caller gets one', async () => {
    await using stack = await startKnowing({ MAX_STREAMS: '20' });
    const open = follow(stack, stack.simulator.store('kr1').addVolume(alice.tenant).id);
    const ends = new AbortController();
    const statuses: number[] = [];
    for (const headers of [...spellings, ...spellings]) statuses.push((await open(headers, ends.signal)).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(2);
    expect(statuses.filter((status) => status === 503)).toHaveLength(2 * spellings.length - 2);
    expect((await open(asBob, ends.signal)).status).toBe(200);
    ends.abort();
  });

  test('with invented tokens may be a quarter of all, and make way for known callers', async () => {
    // A region that answers no poll, so that nothing tells the tokens apart.
    await using simulator = await openSimulator();
    await using gateway = await startGateway(simulator.endpoints, { MAX_STREAMS: '20' });
    const stack = { ...gateway, simulator, calls: () => [] };
    const { id } = simulator.store('kr1').addVolume(alice.tenant);
    await ask(stack, { 'x-auth-token': alice.token });
    const release = simulator.hold();
    const open = follow(stack, id);
    const ends = new AbortController();
    const statuses: number[] = [];
    for (let index = 0; index < 12; index++)
      statuses.push((await open({ 'x-auth-token': `invented-${index}` }, ends.signal)).status);
    expect(statuses.filter((status) => status === 200)).toHaveLength(5);
    expect((await open({ 'x-auth-token': alice.token }, ends.signal)).status).toBe(200);
    ends.abort();
    release();
  });

  test('whose token a region accepts in the meantime are counted as known', async () => {
    await using stack = await startStack({ environment: { MAX_STREAMS: '20', POLL_INTERVAL_MS: '20' } });
    await using opened = new AsyncDisposableStack();
    const { id } = stack.simulator.store('kr1').addVolume(alice.tenant);
    // While its token is unknown a caller may have one of twenty streams, then two.
    for (const _ of [1, 2]) {
      const subscribed = subscribe(stack, `subscription { volumeUpdated(id: "${id}", region: KR1) { name } }`);
      opened.use(subscribed);
      await vi.waitFor(() => expect(subscribed.results).toHaveLength(1), 5000);
    }
  });
});
