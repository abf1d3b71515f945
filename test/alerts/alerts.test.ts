import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { subscribe } from '../support/event-stream.ts';
import { type GatewayProcess, start, startOver } from '../support/process.ts';
import { startProxy } from '../support/proxy.ts';
import { alice, openSimulator } from '../support/stack.ts';
import { alertOf, seenToEnd } from './alert.ts';
import {
  allRegions,
  ask,
  breakHash,
  faultOnSignal,
  isBroken,
  keepAsking,
  nothing,
  oneRegion,
  severalCalls,
} from './fault.ts';
import { type Prometheus, startPrometheus } from './prometheus.ts';
import { alertNames, newForSeconds } from './rules.ts';
import { until } from './until.ts';

/*
 * Each alert is seen to fire and to end, in a Prometheus that scrapes gateways which have the fault. The gateways have a
 * namespace each, so that all faults can be there at the same time.
 */

let prometheus: Prometheus;
/** Its fault comes before it is scraped, and it is scraped while it is new: before the other gateways are started. */
let newGateway: GatewayProcess;

beforeAll(async () => {
  prometheus = await startPrometheus();
  newGateway = start({ PORT: '0', HOST: '127.0.0.1' }, breakHash);
  const url = await newGateway.listening;
  newGateway.child.kill('SIGWINCH');
  await isBroken(url);
  await prometheus.watch('new', url);
});

afterAll(async () => {
  await newGateway[Symbol.asyncDispose]();
  await prometheus[Symbol.asyncDispose]();
});

/** Has Prometheus scrape a gateway; resolves with its URL. */
async function watch(namespace: string, gateway: GatewayProcess): Promise<string> {
  const url = await gateway.listening;
  await prometheus.watch(namespace, url);
  return url;
}

describe.concurrent('each alert fires and ends', () => {
  test('GatewayReplicaDown and GatewayDown, while replicas do not answer', async () => {
    await using own = await startPrometheus();
    await using first = start({ PORT: '0', HOST: '127.0.0.1' });
    await using second = start({ PORT: '0', HOST: '127.0.0.1' });
    const namespace = 'down';
    for (const replica of [first, second]) await own.watch(namespace, await replica.listening);
    const replicaDown = alertOf(own, 'GatewayReplicaDown', { namespace });
    const down = alertOf(own, 'GatewayDown', {});
    await down.ends();
    first.child.kill('SIGSTOP');
    await replicaDown.fires();
    expect(await down.isFiring()).toBe(false);
    second.child.kill('SIGSTOP');
    await down.fires();
    for (const replica of [first, second]) replica.child.kill('SIGCONT');
    await down.ends();
    await replicaDown.ends();
  });

  test('GatewayFaults, by the first fault', async () => {
    await using gateway = start({ PORT: '0', HOST: '127.0.0.1' }, breakHash);
    const url = await watch('faults', gateway);
    const alert = alertOf(prometheus, 'GatewayFaults', { namespace: 'faults' });
    expect(await ask(url, nothing)).toBe('{"data":{"__typename":"Query"}}');
    // For a younger one the alert does not need an increase.
    const age = 'time() - process_start_time_seconds{namespace="faults"}';
    await until(async () => ((await prometheus.value(age)) ?? 0) > newForSeconds, 'the gateway is not new any more');
    gateway.child.kill('SIGWINCH');
    await isBroken(url);
    gateway.child.kill('SIGWINCH');
    await alert.fires();
    await alert.ends();
  });

  test('GatewayFaults, by a fault before the first scrape', async () => {
    const alert = alertOf(prometheus, 'GatewayFaults', { namespace: 'new' });
    await alert.fires();
    await alert.ends();
  });

  test('GatewayRegionUnavailable, GatewayRegionErrors and GatewayErrors, and they end without a request', async () => {
    await using simulator = await openSimulator();
    await using proxy = await startProxy({ region: simulator.endpoints.kr1 ?? '' });
    await using gateway = startOver({ endpoints: { ...simulator.endpoints, kr1: proxy.endpoint } });
    const namespace = 'outage';
    const url = await watch(namespace, gateway);
    const unavailable = alertOf(prometheus, 'GatewayRegionUnavailable', { namespace, region: 'kr1' });
    const failing = alertOf(prometheus, 'GatewayRegionErrors', { namespace, region: 'kr1', class: 'refused' });
    const errors = alertOf(prometheus, 'GatewayErrors', { namespace });
    const state = `gateway_upstream_failing{namespace="${namespace}",region="kr1",class="refused"}`;
    {
      using _traffic = keepAsking(url, allRegions);
      await proxy.use('refuse');
      await Promise.all([unavailable.fires(), failing.fires(), errors.fires()]);
      expect(await prometheus.firing({ namespace, region: 'kr2' })).toEqual([]);
      expect(await prometheus.value(state)).toBe(1);
    }
    await proxy.use('pass');
    await Promise.all([unavailable.ends(), failing.ends(), errors.ends()]);
    expect(await prometheus.value(state)).toBe(0);
  });

  test('GatewayRegionErrors, by the class of the failures', async () => {
    await using simulator = await openSimulator();
    await using gateway = startOver(simulator);
    const namespace = 'classes';
    const url = await watch(namespace, gateway);
    using _traffic = keepAsking(url, allRegions);
    const remove = simulator.inject({ region: 'kr2', kind: 'status', status: 500 });
    const failing = alertOf(prometheus, 'GatewayRegionErrors', { namespace, region: 'kr2', class: '5xx' });
    await failing.fires();
    expect(await prometheus.firing({ namespace, alertname: 'GatewayRegionErrors' })).toHaveLength(1);
    remove();
    await failing.ends();
  });

  test('GatewaySlow, by a slow region, and without GatewayItselfSlow', async () => {
    await using simulator = await openSimulator();
    await using gateway = startOver(simulator);
    const namespace = 'slow-region';
    const url = await watch(namespace, gateway);
    using _traffic = keepAsking(url, oneRegion, 5);
    const remove = simulator.inject({ kind: 'delay', ms: 800 });
    const slow = alertOf(prometheus, 'GatewaySlow', { namespace });
    await slow.fires();
    expect(await alertOf(prometheus, 'GatewayItselfSlow', { namespace }).isFiring()).toBe(false);
    remove();
    await slow.ends();
  });

  test('GatewayItselfSlow and GatewayEventLoopLag, by a blocked event loop', async () => {
    const block = 'Atomics.wait(new Int32Array(new SharedArrayBuffer(4)), 0, 0, 300)';
    const preload = faultOnSignal(`timer = setInterval(() => ${block}, 400)`, 'clearInterval(timer)', 'let timer;');
    await using gateway = start({ PORT: '0', HOST: '127.0.0.1' }, preload);
    const namespace = 'blocked';
    const url = await watch(namespace, gateway);
    using _traffic = keepAsking(url, nothing);
    gateway.child.kill('SIGWINCH');
    const alerts = ['GatewayItselfSlow', 'GatewayEventLoopLag'].map((name) => alertOf(prometheus, name, { namespace }));
    await Promise.all(alerts.map((alert) => alert.fires()));
    gateway.child.kill('SIGWINCH');
    await Promise.all(alerts.map((alert) => alert.ends()));
  });

  test('GatewayRefusesRequests, while MAX_IN_FLIGHT is reached', async () => {
    await using simulator = await openSimulator();
    await using gateway = startOver(simulator, { MAX_IN_FLIGHT: '1' });
    const namespace = 'refuses';
    const url = await watch(namespace, gateway);
    using _traffic = keepAsking(url, oneRegion, 5);
    const remove = simulator.inject({ kind: 'delay', ms: 1000 });
    const alert = alertOf(prometheus, 'GatewayRefusesRequests', { namespace });
    await alert.fires();
    expect(await alertOf(prometheus, 'GatewayAnswersOverloaded', { namespace }).isFiring()).toBe(false);
    remove();
    await alert.ends();
  });

  test('GatewayRegionCallsWait and GatewayAnswersOverloaded, by more calls than a region takes', async () => {
    await using simulator = await openSimulator();
    await using gateway = startOver(simulator, { UPSTREAM_CONCURRENCY: '1', REQUEST_TIMEOUT_MS: '3000' });
    const namespace = 'overloaded';
    const url = await watch(namespace, gateway);
    simulator.inject({ kind: 'delay', ms: 100 });
    const alerts = ['GatewayRegionCallsWait', 'GatewayAnswersOverloaded'].map((name) =>
      alertOf(prometheus, name, { namespace }),
    );
    {
      using _traffic = keepAsking(url, severalCalls, 20);
      await Promise.all(alerts.map((alert) => alert.fires()));
    }
    await Promise.all(alerts.map((alert) => alert.ends()));
  });

  test('GatewayMemory and GatewayHeap, while much is kept', async () => {
    const keep = 'kept = [Buffer.alloc(600 * 2 ** 20, 1), Array.from({ length: 3e6 }, (_, index) => ({ index }))]';
    const preload = faultOnSignal(
      keep,
      'kept = undefined; gc();',
      `import { setFlagsFromString } from 'node:v8'; import { runInNewContext } from 'node:vm';
       setFlagsFromString('--expose-gc'); const gc = runInNewContext('gc'); let kept;`,
    );
    await using gateway = start({ PORT: '0', HOST: '127.0.0.1' }, preload);
    const namespace = 'memory';
    await watch(namespace, gateway);
    const alerts = ['GatewayMemory', 'GatewayHeap'].map((name) => alertOf(prometheus, name, { namespace }));
    gateway.child.kill('SIGWINCH');
    await Promise.all(alerts.map((alert) => alert.fires()));
    gateway.child.kill('SIGWINCH');
    await Promise.all(alerts.map((alert) => alert.ends()));
  });

  test('GatewayStreams, while many streams are open', async () => {
    await using simulator = await openSimulator();
    const { id } = simulator.store('kr1').addVolume(alice.tenant, {});
    await using gateway = startOver(simulator);
    const namespace = 'streams';
    const url = await watch(namespace, gateway);
    const alert = alertOf(prometheus, 'GatewayStreams', { namespace });
    const followed = `subscription { volumeUpdated(id: "${id}", region: KR1) { status } }`;
    const streams = Array.from({ length: 5 }, () => subscribe({ url }, followed));
    await alert.fires();
    for (const stream of streams) await stream[Symbol.asyncDispose]();
    await alert.ends();
  });
});

test('no alert is left out', () => {
  expect(seenToEnd).toEqual(new Set(alertNames));
});
