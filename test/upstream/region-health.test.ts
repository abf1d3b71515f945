import { describe, expect, onTestFinished, test, vi } from 'vitest';
import { createHealth, type FailureBegin } from '../../src/upstream/health.ts';
import type { Probed } from '../../src/upstream/probe.ts';
import { startCanned } from '../support/canned.ts';
import { freePort } from '../support/connection.ts';
import { linesOf } from '../support/log.ts';
import { regionAt } from '../support/region.ts';
import { alice, bob, type GatewayUnderTest, startGateway } from '../support/stack.ts';

/* The lines of the log about a region that fails, and its metrics. */

type Line = Record<string, unknown> & { readonly msg: string };

/** A gateway over one region that answers as `state` says. */
async function startChanging() {
  const state = { isWell: true, status: 500 };
  const upstream = await startCanned(({ tenant }) =>
    state.isWell || tenant === 'well' ? { body: { volumes: [] } } : { status: state.status, body: {} },
  );
  const gateway = await startGateway({ kr1: upstream.endpoint });
  return {
    state,
    list: (headers = {}) => gateway.query('{ volumes { nodes { id } } }', { headers }),
    /** The lines about the region. */
    lines: (): Line[] => linesOf(gateway.log).filter(({ msg }) => msg.startsWith('region ')),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await upstream[Symbol.asyncDispose]();
    },
  };
}

const ofBob = { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant };

describe('the lines about a region', () => {
  test('come once at the beginning of a run of failures, and once at its end', async () => {
    await using over = await startChanging();
    Object.assign(over.state, { isWell: false, status: 502 });
    await over.list();
    await over.list();
    over.state.isWell = true;
    await over.list();
    await over.list();
    expect(over.lines()).toEqual([
      expect.objectContaining({ msg: 'region fails', region: 'kr1', cause: 'HTTP_502' }),
      {
        level: 30,
        time: expect.any(Number),
        msg: 'region is well again',
        region: 'kr1',
        cause: 'HTTP_502',
        failures: 6,
        seconds: 0,
      },
    ]);
  });

  test('name the tenant if only its own calls fail', async () => {
    await using over = await startChanging();
    over.state.isWell = false;
    await over.list();
    await over.list({ 'x-tenant-id': 'well' });
    await over.list();
    over.state.isWell = true;
    await over.list({ 'x-tenant-id': 'well' });
    expect(over.lines().map(({ msg, tenant }) => [msg, tenant])).toEqual([['region fails', alice.tenant]]);
    await over.list();
    expect(over.lines().at(-1)).toMatchObject({ msg: 'region is well again', tenant: alice.tenant, failures: 2 });
  });

  test('name no tenant if two tenants fail and no call succeeds in between', async () => {
    await using over = await startChanging();
    over.state.isWell = false;
    await over.list();
    await over.list(ofBob);
    expect(over.lines().map(({ msg, tenant }) => [msg, tenant])).toEqual([
      ['region fails', alice.tenant],
      ['region fails', undefined],
    ]);
  });

  test('are not ended by a region that refuses a token', async () => {
    await using upstream = await startCanned(({ headers }) => ({
      status: headers['x-auth-token'] === 'stale' ? 401 : 500,
      body: {},
    }));
    await using gateway = await startGateway({ kr1: upstream.endpoint });
    for (const headers of [{}, ofBob, { 'x-auth-token': 'stale' }])
      await gateway.query('{ volumes { nodes { id } } }', { headers });
    expect(gateway.log.join('')).not.toContain('region is well again');
    const { text } = await gateway.fetch('/metrics');
    expect(text).toContain('gateway_upstream_failing{region="kr1",class="5xx"} 1\n');
  });

  test('are one a minute for one cause, however often a region begins to fail', async () => {
    await using over = await startChanging();
    for (let round = 0; round < 5; round++) {
      over.state.isWell = false;
      await over.list();
      over.state.isWell = true;
      await over.list();
    }
    expect(over.lines().map(({ msg }) => msg)).toEqual(['region fails', 'region is well again']);
  });

  test('come for each new cause of a region that goes on failing', async () => {
    await using over = await startChanging();
    over.state.isWell = false;
    await over.list();
    over.state.status = 501;
    await over.list();
    over.state.isWell = true;
    await over.list();
    expect(over.lines().map(({ msg, cause }) => [msg, cause])).toEqual([
      ['region fails', 'HTTP_500'],
      ['region fails', 'HTTP_501'],
      ['region is well again', 'HTTP_501'],
    ]);
  });
});

describe('the metrics of a region that is down', () => {
  /** The values of all series whose name and labels match. */
  async function seriesOf({ fetch }: Pick<GatewayUnderTest, 'fetch'>, pattern: RegExp): Promise<number> {
    const { text } = await fetch('/metrics');
    const values = text.split('\n').filter((line) => pattern.test(line));
    return values.reduce((sum, line) => sum + Number(line.split(' ').at(-1)), 0);
  }

  const ofProbes = /^gateway_upstream_duration_seconds_count.*resource="probe".*class="refused"/;
  const ofAttempts = /^gateway_upstream_duration_seconds_count.*resource="\/volumes/;
  const ofRefusals = /^gateway_upstream_refused_total\{region="kr1",reason="open"\}/;
  const ofState = /^gateway_upstream_failing\{region="kr1",class="refused"\}/;

  test('count every attempt, calls that the breaker refuses apart, and its probes', async () => {
    vi.useFakeTimers({ toFake: ['setInterval', 'clearInterval'] });
    onTestFinished(() => void vi.useRealTimers());
    await using gateway = await startGateway({ kr1: `http://127.0.0.1:${await freePort()}` });
    expect(await seriesOf(gateway, ofRefusals)).toBe(0);
    await gateway.query('{ volumes { nodes { id } } }');
    expect(await seriesOf(gateway, ofAttempts)).toBe(3);
    expect(await seriesOf(gateway, ofState)).toBe(1);
    for (let round = 0; round < 10; round++) await gateway.query('{ volumes { nodes { id } } }');
    const attempts = await seriesOf(gateway, ofAttempts);
    const refused = await seriesOf(gateway, ofRefusals);
    expect(refused).toBeGreaterThan(0);
    await gateway.query('{ volumes { nodes { id } } }');
    expect(await seriesOf(gateway, ofRefusals)).toBe(refused + 1);
    expect(await seriesOf(gateway, ofAttempts)).toBe(attempts);
    expect(await seriesOf(gateway, ofProbes)).toBe(0);
    vi.advanceTimersByTime(5_000);
    await vi.waitFor(async () => expect(await seriesOf(gateway, ofProbes)).toBe(1));
  });
});

describe('after a minute', () => {
  const failed: Probed = {
    status: null,
    fault: { code: 'ECONNREFUSED', class: 'refused' },
    class: 'refused',
    milliseconds: 1,
  };
  const region = regionAt('http://127.0.0.1:1');
  const well: Probed = { status: 300, fault: null, class: '3xx', milliseconds: 1 };

  function startHealth() {
    vi.useFakeTimers({ toFake: ['performance'] });
    onTestFinished(() => void vi.useRealTimers());
    const begun: FailureBegin[] = [];
    const health = createHealth([region], { begin: (failure) => void begun.push(failure), end() {} });
    return { health, begun };
  }

  test('the next line says how many were left out', () => {
    const { health, begun } = startHealth();
    for (let round = 0; round < 4; round++) {
      if (round === 3) vi.advanceTimersByTime(60_000);
      health.noteProbe(region, failed);
      health.noteProbe(region, well);
    }
    expect(begun.map(({ suppressed }) => suppressed)).toEqual([undefined, 2]);
  });

  test('a region that nobody has called no longer counts as failing', () => {
    const { health } = startHealth();
    health.noteProbe(region, failed);
    expect(health.failing(region)).toBe('refused');
    vi.advanceTimersByTime(60_000);
    expect(health.failing(region)).toBeNull();
  });

  test('a region that began to fail within a minute, and still fails, has its line', () => {
    const { health, begun } = startHealth();
    for (const probed of [failed, well, failed, failed]) health.noteProbe(region, probed);
    expect(begun).toHaveLength(1);
    for (let round = 0; round < 3; round++) {
      vi.advanceTimersByTime(30_000);
      health.noteProbe(region, failed);
    }
    expect(begun.map(({ suppressed }) => suppressed)).toEqual([undefined, 1]);
  });

  test('a region that fails again has a line again', () => {
    const { health, begun } = startHealth();
    health.noteProbe(region, failed);
    vi.advanceTimersByTime(60_000);
    health.noteProbe(region, failed);
    expect(begun).toHaveLength(2);
  });
});
