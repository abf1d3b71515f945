import { readdirSync, readFileSync } from 'node:fs';
import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';
import { settings } from '../../src/config/settings.ts';
import { variables } from '../../src/config/variables.ts';
import { problemsOf } from '../support/problems.ts';
import { startStack } from '../support/stack.ts';

test('without variables the guide’s regions are served, with nothing open', () => {
  expect(readConfig({})).toMatchObject({
    port: 4000,
    graphiql: false,
    introspection: false,
    showsExchanges: false,
    upstreamTimeoutMs: 5000,
    requestTimeoutMs: 10_000,
    corsOrigins: [],
    regions: [
      { code: 'kr1', name: 'Korea (Pangyo)', endpoint: 'https://kr1-api-block-storage.infrastructure.cloud.toast.com' },
      {
        code: 'kr2',
        name: 'Korea (Pyeongchon)',
        endpoint: 'https://kr2-api-block-storage.infrastructure.cloud.toast.com',
      },
      { code: 'jp1', name: 'Japan', endpoint: 'https://jp1-api-block-storage.infrastructure.cloud.toast.com' },
    ],
  });
});

test('all problems are told at once, each with its variable', () => {
  const problems = problemsOf({
    PORT: 'http',
    GRAPHIQL: 'yes',
    LOG_LEVEL: 'loud',
    REGIONS: 'KR1=x,b=ftp://b',
    CORS_ORIGINS: '*',
  });
  for (const name of ['PORT', 'GRAPHIQL', 'LOG_LEVEL', 'CORS_ORIGINS', 'REGIONS']) {
    expect(
      problems.some((problem) => problem.trim().startsWith(`${name}: `)),
      name,
    ).toBe(true);
  }
});

test.each([
  ['no code', 'https://a'],
  ['a code in upper case', 'KR1=https://a'],
  ['a code of 17 characters', `${'a'.repeat(17)}=https://a`],
  ['no URL', 'a=nowhere'],
  ['http to a host that is not loopback', 'a=http://cinder.example'],
  ['http to a host that looks like loopback', 'a=http://127.0.0.1.evil.example'],
  ['a user', 'a=https://user@a'],
  ['a query', 'a=https://a?x=1'],
  ['a fragment', 'a=https://a#x'],
  ['the same name twice', 'a-b=https://a,a-b=https://b'],
])('REGIONS with %s is refused', (_, regions) => {
  expect(problemsOf({ REGIONS: regions })).not.toEqual([]);
});

test.each(['a=http://127.0.0.1:8776', 'a=http://localhost', 'a=http://[::1]:8776/path/', 'eu-1=https://a/b'])(
  'REGIONS=%s is allowed',
  (regions) => {
    expect(problemsOf({ REGIONS: regions })).toEqual([]);
  },
);

test('MEMORY_LIMIT_MIB is a number of MiB that leaves room to work in; without it there is no limit beside the machine’s', () => {
  expect(readConfig({}).memoryLimitMib).toBe(null);
  expect(readConfig({ MEMORY_LIMIT_MIB: '1024' }).memoryLimitMib).toBe(1024);
  for (const value of ['255', '1e3', '1.5', '-1', 'much'])
    expect(problemsOf({ MEMORY_LIMIT_MIB: value })).toEqual([
      'MEMORY_LIMIT_MIB: must be a whole number from 256 to 1048576, or empty',
    ]);
});

test('AUDIT_KEY has at least 16 characters; a shorter one is refused without being printed, an empty one means none', () => {
  expect(readConfig({ AUDIT_KEY: '0123456789abcdef' }).auditKey).toBe('0123456789abcdef');
  for (const none of ['', '  ']) expect(readConfig({ AUDIT_KEY: none }).auditKey).toBe(null);
  expect(problemsOf({ AUDIT_KEY: ' 0123456789abcde ' })).toEqual([
    'AUDIT_KEY: must have at least 16 characters: write the output of `openssl rand -hex 32`, or leave it empty',
  ]);
});

test('ALLOW_HTTP=true allows http to any host', () => {
  expect(problemsOf({ REGIONS: 'a=http://cinder.example', ALLOW_HTTP: 'true' })).toEqual([]);
});

test('REGIONS_OWN_IDENTITY names known regions only', () => {
  expect(problemsOf({ REGIONS_OWN_IDENTITY: 'kr2' })).toEqual([]);
  expect(problemsOf({ REGIONS_OWN_IDENTITY: 'kr9' })).toHaveLength(1);
});

test('a table of other regions gives the schema other codes, an unknown one its code as name', async () => {
  await using stack = await startStack({ regions: [{ code: 'eu-1' }, { code: 'kr1' }] });
  const data = await stack.data('{ regions { code name } region(code: EU_1) { volumes { nodes { id } } } }');
  expect(data.regions).toEqual([
    { code: 'EU_1', name: 'eu-1' },
    { code: 'KR1', name: 'Korea (Pangyo)' },
  ]);
  expect(stack.simulator.requests.map(({ region }) => region)).toEqual(['eu-1']);
});

describe('a blank variable means its default:', () => {
  test.each(Object.keys(variables))('%s', (name) => {
    for (const blank of ['', ' ', '\t \n']) expect(readConfig({ [name]: blank })).toEqual(readConfig({}));
  });

  test('any number of them', () => {
    const blanks = fc.dictionary(fc.constantFrom(...Object.keys(variables)), fc.constantFrom('', ' ', '\t', '\r\n'));
    fc.assert(
      fc.property(blanks, (environment) => {
        expect(readConfig(environment)).toEqual(readConfig({}));
      }),
    );
  });
});

describe('UPSTREAM_TIMEOUT_MS above REQUEST_TIMEOUT_MS', () => {
  test('is refused if both are set', () => {
    expect(problemsOf({ UPSTREAM_TIMEOUT_MS: '2001', REQUEST_TIMEOUT_MS: '2000' })).toEqual([
      'UPSTREAM_TIMEOUT_MS: 2001 is more than REQUEST_TIMEOUT_MS: write at most 2000, or a longer REQUEST_TIMEOUT_MS',
    ]);
    expect(problemsOf({ UPSTREAM_TIMEOUT_MS: '2000', REQUEST_TIMEOUT_MS: '2000' })).toEqual([]);
  });

  test('is cut to it if one of them is the default', () => {
    expect(readConfig({ REQUEST_TIMEOUT_MS: '100' }).upstreamTimeoutMs).toBe(100);
    expect(readConfig({ REQUEST_TIMEOUT_MS: '100', UPSTREAM_TIMEOUT_MS: ' ' }).upstreamTimeoutMs).toBe(100);
    expect(readConfig({ UPSTREAM_TIMEOUT_MS: '60000' }).upstreamTimeoutMs).toBe(10_000);
  });
});

test('values that contradict each other are reported together with other problems', () => {
  const environment = { METRICS_PORT: '4000', REGIONS: 'nothing' };
  expect(problemsOf(environment)).toHaveLength(2);
});

test('METRICS_PORT is another port than PORT; both may be 0', () => {
  const problem = (port: number) =>
    `METRICS_PORT: ${port} is also PORT: write another port, or leave METRICS_PORT empty`;
  expect(problemsOf({ PORT: '9464', METRICS_PORT: '9464' })).toEqual([problem(9464)]);
  expect(problemsOf({ METRICS_PORT: '4000' })).toEqual([problem(4000)]);
  expect(problemsOf({ PORT: '0', METRICS_PORT: '0' })).toEqual([]);
});

test.each(['PORT', 'METRICS_PORT', 'SIMULATOR_PORT'])(
  '%s with an address that Kubernetes set for a Service is refused, and enableServiceLinks named',
  (name) => {
    expect(problemsOf({ [name]: 'tcp://10.0.0.1:9464' })).toEqual([
      `${name}: must be a port, but holds an address, as Kubernetes sets it for a Service: write enableServiceLinks: false in the spec of the pod, or set the port`,
    ]);
    expect(problemsOf({ [name]: 'http' })).toEqual([
      expect.stringContaining(`${name}: must be a whole number from 0 to`),
    ]);
  },
);

test('every variable is used outside of the configuration', () => {
  const src = new URL('../../src/', import.meta.url);
  const files = readdirSync(src, { recursive: true, encoding: 'utf8' });
  const used = files
    .filter((file) => file.endsWith('.ts') && !file.startsWith('config'))
    .map((file) => readFileSync(new URL(file, src), 'utf8'))
    .join('');
  const members = Object.values(settings).map(({ member }) => member);
  expect(members.filter((member) => !new RegExp(`\\b${member}\\b`).test(used))).toEqual([]);
});
