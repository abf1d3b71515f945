import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, openSync, readFileSync } from 'node:fs';
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { networkInterfaces } from 'node:os';
import { describe, expect, test, vi } from 'vitest';
import packageJson from '../../package.json' with { type: 'json' };
import { readConfig } from '../../src/config/read-config.ts';
import { startServer } from '../../src/http/server.ts';
import { createLogger } from '../../src/telemetry/logger.ts';
import { freePort } from '../support/connection.ts';
import { portOf, readyStatus, start } from '../support/process.ts';

/* The process itself, as it is started in production. */

test('a configuration that cannot work is refused, every problem with its variable', async () => {
  const { code, output } = await start({
    PORT: 'x',
    REGIONS: 'KR1=y',
    GRAPHIQL: '1',
    NODE_TLS_REJECT_UNAUTHORIZED: '0',
  }).ended;
  expect(code).toBe(1);
  for (const name of ['PORT', 'REGIONS', 'GRAPHIQL', 'NODE_TLS_REJECT_UNAUTHORIZED'])
    expect(output).toContain(`  ${name}: `);
});

test('a port that is taken is told as such', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  // A listening TCP server always has an address of this shape.
  const { port } = taken.address() as AddressInfo;
  const { code, output } = await start({ PORT: String(port), HOST: '127.0.0.1' }).ended;
  taken.close();
  expect(code).toBe(1);
  expect(output).toContain(`PORT: ${port} is in use`);
});

test('a metrics port that is taken is told by its own name, and ends the process', async () => {
  const taken = createServer().listen(0, '127.0.0.1');
  await once(taken, 'listening');
  // A listening TCP server always has an address of this shape.
  const { port } = taken.address() as AddressInfo;
  const { code, output } = await start({ PORT: '0', METRICS_PORT: String(port), HOST: '127.0.0.1' }).ended;
  taken.close();
  expect(code).toBe(1);
  expect(output).toContain(`METRICS_PORT: ${port} is in use`);
});

test.each(['nowhere.invalid', '192.0.2.1', 'http://127.0.0.1', '127.0.0.1:4000', '[::1]', 'fe80::1', '2001:db8::1'])(
  'HOST=%s, which is not an address of this machine, is refused with what to write',
  async (host) => {
    const { code, output } = await start({ PORT: '0', HOST: host }).ended;
    expect(code).toBe(1);
    expect(output).toBe(
      `The configuration cannot be used:\n  HOST: ${host} is not an address of this machine: write one without scheme and port, such as 127.0.0.1 for programs on this machine, or leave HOST empty for all addresses\n`,
    );
  },
);

/** Gives up root when the process begins to listen: root may listen on every port. */
const unprivileged = `
  import { Server } from 'node:net';
  const { listen } = Server.prototype;
  Server.prototype.listen = function (...options) {
    if (process.getuid() === 0) process.setuid(65534);
    return listen.apply(this, options);
  };`;

test.skipIf(firstUnprivilegedPort() <= 1)(
  'a port that only root may listen on is refused with what to write',
  async () => {
    for (const variable of ['PORT', 'METRICS_PORT']) {
      const { code, output } = await start({ PORT: '0', HOST: '127.0.0.1', [variable]: '1' }, unprivileged).ended;
      expect(code).toBe(1);
      expect(output).toContain(
        `\n  ${variable}: only a privileged user may listen on 1: write a port from 1024 to 65535\n`,
      );
    }
  },
);

/** The lowest port that every user may listen on; containers often have 0. */
function firstUnprivilegedPort(): number {
  const file = '/proc/sys/net/ipv4/ip_unprivileged_port_start';
  return existsSync(file) ? Number(readFileSync(file, 'utf8')) : 0;
}

test('the line that says where it listens names version, Node, regions and their endpoints', async () => {
  await using gateway = start({
    PORT: '0',
    HOST: '127.0.0.1',
    REGIONS: 'kr1=https://a.example/v2,eu-1=http://[::1]:8776',
  });
  await gateway.listening;
  const line = gateway.output.split('\n').find((text) => text.includes('"msg":"listening"')) ?? '';
  expect(JSON.parse(line)).toMatchObject({
    url: expect.stringMatching(/^http:\/\/localhost:\d+\/graphql$/),
    regions: ['kr1', 'eu-1'],
    endpoints: { kr1: 'https://a.example', 'eu-1': 'http://[::1]:8776' },
    version: packageJson.version,
    node: process.version,
  });
});

test.each(['SIGTERM', 'SIGINT'] as const)('%s ends it with exit code 0', async (signal) => {
  const gateway = start({ PORT: '0', HOST: '127.0.0.1' });
  const url = await gateway.listening;
  expect(await (await fetch(`${url}/ready`)).text()).toBe('ready\n');
  gateway.child.kill(signal);
  expect((await gateway.ended).code).toBe(0);
});

/** A gateway whose log reader does not read, with more lines than the pipe and the reader hold. */
async function startStuck(environment: Record<string, string> = {}, preload?: string) {
  const gateway = start({ PORT: '0', HOST: '127.0.0.1', ...environment }, preload);
  const url = await gateway.listening;
  gateway.child.stdout?.pause();
  const ask = () => fetch(`${url}/graphql?query={__typename}`).then((response) => response.json());
  for (let round = 0; round < 100; round++) await Promise.all(Array.from({ length: 10 }, ask));
  return gateway;
}

describe('even if its log reader is stuck', () => {
  test('SIGTERM ends it with exit code 0', async () => {
    await using gateway = await startStuck();
    gateway.child.kill('SIGTERM');
    expect(await once(gateway.child, 'exit')).toEqual([0, null]);
  });

  test('a second SIGTERM ends it while it drains', async () => {
    await using gateway = await startStuck({ DRAIN_DELAY_MS: '600000' });
    const port = await portOf(gateway);
    gateway.child.kill('SIGTERM');
    await vi.waitFor(async () => expect(await readyStatus(port)).toBe(503), 10_000);
    gateway.child.kill('SIGTERM');
    expect(await once(gateway.child, 'exit')).toEqual([1, null]);
  });

  test('a crash ends it', async () => {
    await using gateway = await startStuck({}, 'process.on("SIGWINCH", () => { throw new Error("crash"); });');
    gateway.child.kill('SIGWINCH');
    expect(await once(gateway.child, 'exit')).toEqual([1, null]);
  });
});

test.runIf(existsSync('/dev/full'))('it answers, and SIGTERM ends it, if its log cannot be written', async () => {
  const port = await freePort();
  const child = spawn(process.execPath, ['src/main.ts'], {
    cwd: new URL('../..', import.meta.url),
    env: { PORT: String(port), HOST: '127.0.0.1' },
    stdio: ['ignore', openSync('/dev/full', 'w'), 'ignore'],
  });
  await vi.waitFor(async () => expect(await readyStatus(port)).toBe(200), 20_000);
  const ask = () => fetch(`http://127.0.0.1:${port}/graphql?query={__typename}`).then(({ status }) => status);
  for (let round = 0; round < 100; round++) expect(await ask()).toBe(200);
  child.kill('SIGTERM');
  expect(await once(child, 'exit')).toEqual([0, null]);
});

test('it listens on IPv6 too', async () => {
  const gateway = start({ PORT: '0', HOST: '::1' });
  const url = await gateway.listening;
  expect(url).toMatch(/^http:\/\/\[::1\]:\d+$/);
  expect((await fetch(`${url}/health`)).status).toBe(200);
  gateway.child.kill();
  await gateway.ended;
});

const hasIPv6 = Object.values(networkInterfaces()).some((all) => all?.some(({ address }) => address === '::1'));

test.runIf(hasIPv6).each([{}, { HOST: '' }])('with %o it listens on IPv6 and IPv4, for metrics too', async (host) => {
  const config = readConfig({ PORT: '0', METRICS_PORT: '0', ...host });
  await using server = await startServer(config, createLogger('silent'));
  for (const [url, path] of [
    [server.url, '/health'],
    [server.metricsUrl, '/metrics'],
  ] as const) {
    expect(url).toMatch(/^http:\/\/localhost:\d+$/);
    for (const address of ['[::1]', '127.0.0.1'])
      expect((await fetch(url.replace('localhost', address) + path)).status).toBe(200);
  }
});
