import { expect, test, vi } from 'vitest';
import { startLoad } from '../support/load.ts';
import { type GatewayProcess, portOf, readyStatus, startOver } from '../support/process.ts';
import { openSimulator } from '../support/stack.ts';
import { startNginx } from './nginx.ts';

/* One of two replicas behind nginx goes away under load: what its callers notice of it. */

const list = '{ volumes(first: 5) { nodes { name size region { code } } failures { code } } }';
const patience = { timeout: 20_000 };
const clients = { kept: 16, fresh: 8, query: list };

test('a replica that is killed loses the POSTs in flight on it, and no other', async () => {
  await using simulator = await openSimulator();
  await using first = startOver(simulator);
  await using second = startOver(simulator);
  await using nginx = await startNginx([await portOf(first), await portOf(second)]);
  await using load = startLoad(nginx.url, clients);
  await vi.waitFor(() => expect(load.shots.length).toBeGreaterThan(200), patience);

  const release = simulator.hold();
  const { killed, lost, other } = await busier(first, second);
  const before = { shots: load.shots.length, answered: await answered(other) };
  killed.child.kill('SIGKILL');
  await killed.ended;
  release();
  await vi.waitFor(() => expect(load.shots.length).toBeGreaterThan(before.shots + 300), patience);
  load.stop();
  await load.ended;

  const failed = load.shots.filter(({ status }) => status !== 200);
  expect(failed.map(({ status }) => status)).toEqual(Array(lost).fill(502));
  const served = load.shots.slice(before.shots).filter(({ status }) => status === 200);
  expect((await answered(other)) - before.answered).toBe(served.length);
}, 60_000);

test('a replica that is killed loses no GET: the other one is asked', async () => {
  await using simulator = await openSimulator();
  await using first = startOver(simulator);
  await using second = startOver(simulator);
  await using nginx = await startNginx([await portOf(first), await portOf(second)]);
  await using load = startLoad(nginx.url, { ...clients, method: 'GET' });
  await vi.waitFor(() => expect(load.shots.length).toBeGreaterThan(200), patience);

  const release = simulator.hold();
  const { killed, other } = await busier(first, second);
  killed.child.kill('SIGKILL');
  await killed.ended;
  await vi.waitFor(async () => expect(await inFlight(other)).toBe(24), patience);
  release();
  load.stop();
  await load.ended;
  expect(load.shots.filter(({ status }) => status !== 200)).toEqual([]);
}, 60_000);

test('a replica that is told to end loses nothing when nginx is told during its drain delay', async () => {
  await using simulator = await openSimulator();
  simulator.inject({ kind: 'delay', ms: 20 });
  await using first = startOver(simulator, { DRAIN_DELAY_MS: '5000' });
  await using second = startOver(simulator);
  const port = await portOf(first);
  await using nginx = await startNginx([port, await portOf(second)]);
  // When nginx reloads it closes its own clients' idle connections, which are not the subject here.
  await using load = startLoad(nginx.url, { kept: 0, fresh: 24, query: list });
  await vi.waitFor(() => expect(load.shots.length).toBeGreaterThan(200), patience);

  first.child.kill('SIGTERM');
  await vi.waitFor(async () => expect(await readyStatus(port)).toBe(503), patience);
  const served = await answered(port);
  await vi.waitFor(async () => expect(await answered(port)).toBeGreaterThan(served), patience);
  await nginx.takeOut(port);
  expect((await first.ended).code).toBe(0);
  const before = load.shots.length;
  await vi.waitFor(() => expect(load.shots.length).toBeGreaterThan(before + 200), patience);
  load.stop();
  await load.ended;
  expect(load.shots.filter(({ status }) => status !== 200)).toEqual([]);
}, 60_000);

/** Waits until every client waits for an answer, and gives the replica to be killed: that which most of them wait for. */
async function busier(first: GatewayProcess, second: GatewayProcess) {
  const ports = { first: await portOf(first), second: await portOf(second) };
  return vi.waitFor(async () => {
    const [ofFirst, ofSecond] = await Promise.all([inFlight(ports.first), inFlight(ports.second)]);
    expect(ofFirst + ofSecond).toBe(clients.kept + clients.fresh);
    return ofFirst > ofSecond
      ? { killed: first, lost: ofFirst, other: ports.second }
      : { killed: second, lost: ofSecond, other: ports.first };
  }, patience);
}

/** Requests that a replica has not answered yet. */
function inFlight(port: number): Promise<number> {
  return metric(port, 'gateway_requests_in_flight');
}

/** Requests that a replica has answered with 200. */
function answered(port: number): Promise<number> {
  return metric(port, 'gateway_request_duration_seconds_count{status="200"}');
}

async function metric(port: number, name: string): Promise<number> {
  const metrics = await (await fetch(`http://127.0.0.1:${port}/metrics`)).text();
  const line = metrics.split('\n').find((line) => line.startsWith(`${name} `));
  return Number(line?.slice(name.length) ?? 0);
}
