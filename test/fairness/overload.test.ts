import { once } from 'node:events';
import { connect } from 'node:net';
import { expect, test, vi } from 'vitest';
import { linesOf } from '../support/log.ts';
import { alice, bob, type Stack, startStack } from '../support/stack.ts';

/* More requests than the gateway takes, and clients that hold out. */

const list = '{ region(code: KR1) { volumes { nodes { status } } } }';
const headersOf = ({ token, tenant }: typeof alice) => ({
  'content-type': 'application/json',
  'x-auth-token': token,
  'x-tenant-id': tenant,
});

const carol = { token: 'secret-token-of-carol', tenant: alice.tenant };

/** A gateway that knows these callers: the region has accepted their tokens. */
async function startKnowing(most: number): Promise<Stack> {
  const tokens = Object.fromEntries([alice, bob, carol].map(({ token, tenant }) => [token, tenant]));
  const stack = await startStack({ tokens, environment: { MAX_IN_FLIGHT: String(most) } });
  for (const user of [alice, bob, carol]) await sendTo(stack)(user);
  stack.simulator.clearRequests();
  return stack;
}

const sendTo =
  (stack: Stack) =>
  (user: typeof alice, signal: AbortSignal | null = null) =>
    stack.fetch('/graphql', {
      method: 'POST',
      headers: headersOf(user),
      body: JSON.stringify({ query: list }),
      signal,
    });

test('so many requests are answered at once, some wait, the rest is refused at once with 503 and Retry-After', async () => {
  await using stack = await startKnowing(8);
  const release = stack.simulator.hold();
  const send = sendTo(stack);
  // Four of each fill the eight places; two more may wait, of a third caller.
  const served = [alice, bob].flatMap((user) => Array.from({ length: 4 }, () => send(user)));
  await stack.simulator.waitForRequests(8);
  const waiting = [send(carol), send(carol)];
  await vi.waitFor(async () => expect((await stack.fetch('/metrics')).text).toContain('gateway_requests_waiting 2\n'));
  const refused = await send(carol);
  expect(refused.status).toBe(503);
  expect(refused.headers.get('retry-after')).toBe('1');
  // To connect anew costs more than to be refused.
  expect(refused.headers.get('connection')).toBe('keep-alive');
  expect(JSON.parse(refused.text).errors[0].extensions).toEqual({ code: 'OVERLOADED', retryAfter: 1 });
  expect((await stack.fetch('/health')).status).toBe(200);
  release();
  for (const { status } of await Promise.all([...served, ...waiting])) expect(status).toBe(200);
  await vi.waitFor(async () =>
    expect((await stack.fetch('/metrics')).text).toContain('gateway_requests_in_flight 0\n'),
  );
});

test('who is refused at the door need not have sent its body, and all of them are one line of the log', async () => {
  await using stack = await startKnowing(2);
  const release = stack.simulator.hold();
  const send = sendTo(stack);
  const served = [send(alice), send(bob)];
  await stack.simulator.waitForRequests(2);
  const waiting = send(carol);
  await vi.waitFor(async () => expect((await stack.fetch('/metrics')).text).toContain('gateway_requests_waiting 1\n'));
  const head = 'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n';
  const answers = await Promise.all(
    Array.from({ length: 5 }, async (_, index) => {
      const socket = connect(Number(new URL(stack.url).port), '127.0.0.1');
      socket.write(`${head}X-Auth-Token: ${alice.token}\r\nX-Request-Id: early-${index}\r\n\r\n{`);
      const [answer] = await once(socket, 'data');
      socket.destroy();
      return String(answer);
    }),
  );
  for (const [index, answer] of answers.entries())
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 503 [^]*x-request-id: early-${index}\r\n[^]*"OVERLOADED"`));
  const told = () => linesOf(stack.log).filter(({ msg }) => msg.startsWith('requests rejected'));
  release();
  for (const { status } of await Promise.all(served)) expect(status).toBe(200);
  // It waits for half a second at most, which a busy machine may let pass.
  const isLate = (await waiting).status === 503;
  await vi.waitFor(() => expect(told().reduce((sum, { requests }) => sum + requests, 0)).toBe(5), { timeout: 5000 });
  expect(told().length).toBeLessThan(5);
  const { text } = await stack.fetch('/metrics');
  expect(text).toContain(`gateway_errors_total{code="OVERLOADED"} ${isLate ? 6 : 5}\n`);
});

test('one token gets half of the places at most, so that others get in', async () => {
  await using stack = await startKnowing(4);
  const release = stack.simulator.hold();
  const send = sendTo(stack);
  const served = [send(alice), send(alice)];
  await stack.simulator.waitForRequests(2);
  expect((await send(alice)).status).toBe(503);
  const other = send(bob);
  await stack.simulator.waitForRequests(3);
  release();
  for (const { status } of await Promise.all([...served, other])) expect(status).toBe(200);
});

test('who waits too long to be let in is refused, and leaves no place taken', async () => {
  await using stack = await startKnowing(4);
  const release = stack.simulator.hold();
  const send = sendTo(stack);
  const served = [alice, alice, bob, bob].map((user) => send(user));
  await stack.simulator.waitForRequests(4);
  expect((await send(carol)).status).toBe(503);
  release();
  await Promise.all(served);
  await vi.waitFor(async () =>
    expect((await stack.fetch('/metrics')).text).toContain('gateway_requests_in_flight 0\n'),
  );
  expect((await send(alice)).status).toBe(200);
});

test('requests whose bodies trickle in keep nobody out', async () => {
  await using stack = await startStack({ environment: { MAX_IN_FLIGHT: '2' } });
  const { port } = new URL(stack.url);
  const head = 'POST /graphql HTTP/1.1\r\nHost: x\r\nContent-Type: application/json\r\nContent-Length: 500\r\n';
  const sockets = Array.from({ length: 20 }, (_, index) => {
    const socket = connect(Number(port), '127.0.0.1');
    socket.write(`${head}X-Auth-Token: invented-${index}\r\n\r\n{`);
    return socket;
  });
  await Promise.all(sockets.map((socket) => once(socket, 'connect')));
  expect(await stack.data(list)).toEqual({ region: { volumes: { nodes: [] } } });
  for (const socket of sockets) socket.destroy();
});

test('a client that leaves while it waits to be let in takes no place any more', async () => {
  await using stack = await startKnowing(4);
  const release = stack.simulator.hold();
  const send = sendTo(stack);
  const served = [alice, alice, bob, bob].map((user) => send(user));
  await stack.simulator.waitForRequests(4);
  const leaving = new AbortController();
  const waiting = send(carol, leaving.signal);
  await vi.waitFor(async () => expect((await stack.fetch('/metrics')).text).toContain('gateway_requests_waiting 1\n'));
  leaving.abort();
  await expect(waiting).rejects.toThrow();
  await vi.waitFor(async () => expect((await stack.fetch('/metrics')).text).toContain('gateway_requests_waiting 0\n'), {
    // Sooner than it would have been sent away.
    timeout: 400,
    interval: 20,
  });
  release();
  await Promise.all(served);
});

test('a client that sends its headers drop by drop is cut off', async () => {
  await using stack = await startStack();
  const socket = connect(Number(new URL(stack.url).port), '127.0.0.1');
  socket.write('POST /graphql HTTP/1.1\r\nHost: x\r\n');
  const drops = setInterval(() => socket.write('X-Drop: 1\r\n'), 500);
  const answer = await new Promise<string>((resolve) => {
    let text = '';
    socket.on('data', (chunk) => {
      text += chunk;
    });
    socket.on('close', () => resolve(text));
  });
  clearInterval(drops);
  expect(answer).toMatch(/^HTTP\/1\.1 408 /);
}, 30_000);

test('after SIGTERM the gateway serves on for a while, not ready any more, and closes connections it answers on', async () => {
  const stack = await startStack({ environment: { DRAIN_DELAY_MS: '300' } });
  const closed = stack[Symbol.asyncDispose]();
  await vi.waitFor(async () => expect(await stack.fetch('/ready')).toMatchObject({ status: 503, text: 'draining\n' }));
  const served = await stack.fetch('/graphql', {
    method: 'POST',
    headers: headersOf(alice),
    body: '{"query":"{ __typename }"}',
  });
  expect(served.status).toBe(200);
  expect(served.headers.get('connection')).toBe('close');
  await closed;
  await expect(fetch(`${stack.url}/health`)).rejects.toThrow();
});
