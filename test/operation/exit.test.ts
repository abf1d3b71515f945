import { expect, test, vi } from 'vitest';
import { openConnection, requestOf } from '../support/connection.ts';
import { startLoad } from '../support/load.ts';
import { patience } from '../support/patience.ts';
import {
  acceptedPorts,
  type GatewayProcess,
  portOf,
  readyStatus,
  startOver,
  tellAccepted,
} from '../support/process.ts';
import { openSimulator } from '../support/stack.ts';

/* How the process ends: with which code, after which words, and whom it does not wait for. */

const list = '{ volumes(first: 5) { nodes { name } failures { code } } }';

test('a hung region does not keep it: the request ends at its deadline, answered', async () => {
  await using simulator = await openSimulator();
  simulator.inject({ kind: 'hang' });
  await using gateway = startOver(simulator, { REQUEST_TIMEOUT_MS: '2000' });
  await using load = startLoad(`http://127.0.0.1:${await portOf(gateway)}/graphql`, { kept: 1, fresh: 0, query: list });
  await simulator.waitForRequests(3);
  load.stop();
  gateway.child.kill('SIGTERM');
  await load.ended;
  expect(load.shots[0]?.body).toContain('UPSTREAM_TIMEOUT');
  // It would be 1 had it been ended by force.
  expect((await gateway.ended).code).toBe(0);
});

const complete = requestOf('{ __typename }');

test.each([
  ['has said nothing', '', false],
  ['has its answer and keeps the connection', complete, false],
  ['has sent half a request line', 'POST /gra', true],
  ['has sent half a body', requestOf(list).slice(0, -5), true],
])('a client that %s does not keep it', async (_, sent, isCutOff) => {
  await using simulator = await openSimulator();
  await using gateway = startOver(simulator, { REQUEST_TIMEOUT_MS: '2000' }, tellAccepted);
  using client = openConnection(await portOf(gateway));
  await client.send(sent);
  await vi.waitFor(() => expect(acceptedPorts(gateway).size).toBe(1), patience);
  if (sent === complete) await vi.waitFor(() => expect(client.received).toContain('"__typename":"Query"'), patience);
  gateway.child.kill('SIGTERM');
  expect((await gateway.ended).code).toBe(0);
  expect(logOf(gateway, 'cut off')).toEqual(isCutOff ? expect.objectContaining({ connections: 1 }) : undefined);
});

test('a signal that comes as soon as it says that it listens is heard', async () => {
  await using simulator = await openSimulator();
  // The signal comes from within, while the line is being written.
  const preload = `
    import fs from 'node:fs';
    const { write } = fs;
    fs.write = (...all) => {
      if (String(all[1]).includes('"msg":"listening"')) process.kill(process.pid, 'SIGTERM');
      return write(...all);
    };`;
  await using gateway = startOver(simulator, {}, preload);
  expect(await gateway.ended).toMatchObject({ code: 0, signal: null });
});

test('a second signal ends it at once with code 1, and it says so', async () => {
  await using simulator = await openSimulator();
  await using gateway = startOver(simulator, { DRAIN_DELAY_MS: '600000' });
  const port = await portOf(gateway);
  gateway.child.kill('SIGTERM');
  await vi.waitFor(async () => expect(await readyStatus(port)).toBe(503), patience);
  gateway.child.kill('SIGTERM');
  expect(await gateway.ended).toMatchObject({ code: 1, signal: null });
  expect(logOf(gateway, 'closed by a second signal')).toMatchObject({ signal: 'SIGTERM' });
});

/** Throws where nobody catches it, when told to by a signal that the gateway leaves alone. */
const throwing = `process.on('SIGWINCH', () => setTimeout(() => { throw new Error('out of the blue') }));`;

test('an error that nobody caught is logged, what was begun is answered, and the code is 1', async () => {
  await using simulator = await openSimulator();
  const release = simulator.hold();
  await using gateway = startOver(simulator, {}, throwing);
  await using load = startLoad(`http://127.0.0.1:${await portOf(gateway)}/graphql`, { kept: 1, fresh: 0, query: list });
  await simulator.waitForRequests(3);
  load.stop();
  gateway.child.kill('SIGWINCH');
  await vi.waitFor(() => expect(gateway.output).toContain('out of the blue'), patience);
  release();
  await load.ended;
  expect(load.shots[0]).toMatchObject({ status: 200 });
  expect(await gateway.ended).toMatchObject({ code: 1, signal: null });
  expect(logOf(gateway, 'crashed')).toMatchObject({
    level: 60,
    error: { message: 'out of the blue', stack: expect.stringContaining('at ') },
  });
});

test('an error that nobody caught while it closes is logged too, and ends it at once', async () => {
  await using simulator = await openSimulator();
  await using gateway = startOver(simulator, { DRAIN_DELAY_MS: '600000' }, throwing);
  const port = await portOf(gateway);
  gateway.child.kill('SIGTERM');
  await vi.waitFor(async () => expect(await readyStatus(port)).toBe(503), patience);
  gateway.child.kill('SIGWINCH');
  expect(await gateway.ended).toMatchObject({ code: 1, signal: null });
  expect(logOf(gateway, 'crashed')).toMatchObject({ level: 60, error: { message: 'out of the blue' } });
});

/** The first line logged with a message. */
function logOf({ output }: GatewayProcess, message: string): unknown {
  const line = output.split('\n').find((line) => line.includes(`"msg":"${message}"`));
  return line && JSON.parse(line);
}
