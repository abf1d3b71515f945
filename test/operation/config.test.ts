import fc from 'fast-check';
import { describe, expect, test } from 'vitest';
import { ConfigError } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { variables } from '../../src/config/variables.ts';
import { alice, bob, startGateway, startStack } from '../support/stack.ts';

function problemsOf(environment: Record<string, string>): string[] {
  try {
    readConfig(environment);
    return [];
  } catch (error) {
    expect(error).toBeInstanceOf(ConfigError);
    return String(error).split('\n').slice(1);
  }
}

test('without variables the guide’s regions are served, with nothing open', () => {
  expect(readConfig({})).toMatchObject({
    port: 4000,
    graphiql: false,
    introspection: false,
    trace: false,
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
      '  MEMORY_LIMIT_MIB: must be a whole number from 256 to 1048576, or empty',
    ]);
});

test('AUDIT_KEY has at least 16 characters; a shorter one is refused without being printed, an empty one means none', () => {
  expect(readConfig({ AUDIT_KEY: '0123456789abcdef' }).auditKey).toBe('0123456789abcdef');
  for (const none of ['', '  ']) expect(readConfig({ AUDIT_KEY: none }).auditKey).toBe(null);
  expect(problemsOf({ AUDIT_KEY: ' 0123456789abcde ' })).toEqual([
    '  AUDIT_KEY: must have at least 16 characters: write the output of `openssl rand -hex 32`, or leave it empty',
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

const project = '6cdebe3eb0094910bc41f1d42ebe4cb7';
const uuid = '6cdebe3e-b009-4910-bc41-f1d42ebe4cb7';

describe('REGIONS takes an endpoint as a Keystone catalog prints it:', () => {
  test.each(
    [
      '/v2',
      '/v2/%(tenant_id)s',
      '/v2/%(project_id)s',
      '/v2/$(tenant_id)s',
      '/v2/$(project_id)s',
      '/v2/{tenant_id}',
      '/v2/{project_id}',
      `/v2/${project}`,
      `/v2/${project.toUpperCase()}`,
      `/v2/${uuid}`,
    ].flatMap((suffix) => [suffix, `${suffix}/`]),
  )('%s is dropped', (suffix) => {
    for (const base of ['https://a.example', 'http://[::1]:8776', 'https://a.example/volume', 'https://a.example/v3'])
      expect(readConfig({ REGIONS: `a=${base}${suffix}` }).regions).toMatchObject([{ endpoint: base }]);
  });

  test.each([
    ['https://proxy.example/v2/cinder', 'https://proxy.example/v2/cinder'],
    ['https://proxy.example/v3/cinder/', 'https://proxy.example/v3/cinder'],
    ['https://proxy.example/v2/v2', 'https://proxy.example/v2'],
    ['https://proxy.example/cinder-v2', 'https://proxy.example/cinder-v2'],
    ['https://proxy.example/v2x', 'https://proxy.example/v2x'],
    [`https://proxy.example/v2/${project}0`, `https://proxy.example/v2/${project}0`],
    [`https://proxy.example/${project}`, `https://proxy.example/${project}`],
    ['https://a.example//v2//', 'https://a.example'],
    ['https://a.example//v2//%(tenant_id)s//', 'https://a.example'],
    ['https://v2', 'https://v2'],
    ['https://v3/', 'https://v3'],
  ])('of %s the base is %s', (endpoint, base) => {
    expect(readConfig({ REGIONS: `a=${endpoint}` }).regions).toMatchObject([{ endpoint: base }]);
  });

  test.each([
    ['/v1', '1'],
    ['/v3', '3'],
    ['/v3/', '3'],
    ['/v3.70', '3.70'],
    ['/v2.1', '2.1'],
    ['/volume/v3/%(project_id)s', '3'],
    ['/v1/$(tenant_id)s/', '1'],
    [`/v3/${project}`, '3'],
    [`/v3/${uuid}`, '3'],
  ])('%s is refused: v2 is what the gateway speaks', (suffix, version) => {
    expect(problemsOf({ REGIONS: `a=https://a.example${suffix}` })).toEqual([
      `  REGIONS: the endpoint of a names v${version}, but the gateway speaks the Block Storage API v2. OpenStack removed v2 from Cinder in the Xena release, so an endpoint that offers only v3 cannot be used. If v2 exists there, write /v2 instead of /v${version}`,
    ]);
  });

  test.each([
    ['https://%(region)s.example/v2/%(tenant_id)s', '%(region)s'],
    ['https://$(region)s.example', '$(region)s'],
    ['https://{region}.example', '{region}'],
    // biome-ignore lint/suspicious/noTemplateCurlyInString: a placeholder as a shell writes it
    ['https://a.example/${name}/v2', '${name}'],
    ['https://a.example/v2/%(tenant_id)s/volumes', '%(tenant_id)s'],
    ['https://a.example/v2/%(user_id)s', '%(user_id)s'],
    ['https://a.example/v2/%(tenant_id)', '%(tenant_id)'],
    ['https://a.example/v2/{tenantId}', '{tenantId}'],
    ['https://a.example/%(tenant_id)s', '%(tenant_id)s'],
  ])('%s is refused for its placeholder', (endpoint, placeholder) => {
    expect(problemsOf({ REGIONS: `a=${endpoint}` })).toEqual([
      `  REGIONS: the endpoint of a holds the placeholder ${placeholder}: write a URL without placeholders, such as https://cinder.example:8776. The gateway appends /v2 and the project itself`,
    ]);
  });

  test('the gateway appends the caller’s own project', async () => {
    await using stack = await startStack();
    await using over = await startGateway({ kr1: `${stack.simulator.endpoints.kr1}/volume/v2/${bob.tenant}/` });
    await over.query('{ region(code: KR1) { volumes { nodes { id } } } }');
    expect(stack.simulator.requests.map(({ path }) => path.split('?')[0])).toEqual([
      `/volume/v2/${alice.tenant}/volumes`,
    ]);
  });
});

test('an endpoint may have a path', async () => {
  await using stack = await startStack();
  await using behind = await startStack({
    environment: { REGIONS: `kr1=${stack.simulator.endpoints.kr1}/a/path/` },
  });
  await behind.query('{ region(code: KR1) { volumes { nodes { id } } } }');
  expect(stack.simulator.requests.map(({ path }) => path.split('?')[0])).toEqual([
    '/a/path/v2/6cdebe3eb0094910bc41f1d42ebe4cb7/volumes',
  ]);
});

describe('CORS_ORIGINS', () => {
  test.each([
    'https://console.example',
    'http://localhost:3000',
    'https://console.example:8443',
    'https://console.example.',
    'https://my_console.internal',
    'https://xn--im4bt5w.example',
    'http://127.0.0.1:4000',
    'http://[::1]:3000',
    'https://a.example, https://b.example',
  ])('%s is allowed', (origins) => {
    expect(readConfig({ CORS_ORIGINS: origins }).corsOrigins).toEqual(origins.split(', '));
  });

  const example = 'such as https://console.example';

  test.each([
    ['*', `holds a wildcard, which matches nothing: write each origin in full, ${example}`],
    ['https://*.console.example', `holds a wildcard, which matches nothing: write each origin in full, ${example}`],
    ['console.example', `must begin with https:// or http://: write an origin ${example}`],
    ['localhost:3000', `must begin with https:// or http://: write an origin ${example}`],
    ['null', `must begin with https:// or http://: write an origin ${example}`],
    ['ftp://console.example', `must begin with https:// or http://: write an origin ${example}`],
    ['ws://console.example', `must begin with https:// or http://: write an origin ${example}`],
    ['blob:https://console.example', `must begin with https:// or http://: write an origin ${example}`],
    ['https://console..example', `has no valid host: write an origin ${example}`],
    ['https://.console.example', `has no valid host: write an origin ${example}`],
    ['https://console.example..', `has no valid host: write an origin ${example}`],
    ['https://console!.example', `has no valid host: write an origin ${example}`],
    ['https://{tenant}.example', `has no valid host: write an origin ${example}`],
    ['https://console example', `has no valid host: write an origin ${example}`],
    ['https://', `has no valid host: write an origin ${example}`],
    ['https://console.example/', 'is not what browsers send: write https://console.example'],
    ['https://console.example/app', 'is not what browsers send: write https://console.example'],
    ['https://console.example?a', 'is not what browsers send: write https://console.example'],
    ['https://user@console.example', 'is not what browsers send: write https://console.example'],
    ['https://console.example:443', 'is not what browsers send: write https://console.example'],
    ['http://console.example:80', 'is not what browsers send: write http://console.example'],
    ['https://console.example:08443', 'is not what browsers send: write https://console.example:8443'],
    ['https://Console.Example', 'is not what browsers send: write https://console.example'],
    ['HTTPS://console.example', 'is not what browsers send: write https://console.example'],
    ['https://콘솔.example', 'is not what browsers send: write https://xn--im4bt5w.example'],
    ['http://[0::1]:3000', 'is not what browsers send: write http://[::1]:3000'],
    ['http://127.1', 'is not what browsers send: write http://127.0.0.1'],
  ])('%s is refused with what to write', (origin, problem) => {
    expect(problemsOf({ CORS_ORIGINS: `https://right.example, ${origin}` })).toEqual([
      `  CORS_ORIGINS: "${origin}" ${problem}`,
    ]);
  });

  test('is not printed with a password', () => {
    for (const problems of [
      problemsOf({ CORS_ORIGINS: 'https://user:secret@console.example' }),
      problemsOf({ REGIONS: 'https://user:secret@kr1.example' }),
    ])
      expect(problems.join()).not.toContain('secret');
  });

  test('names each wrong entry', () => {
    expect(problemsOf({ CORS_ORIGINS: '*, https://a.example, https://b.example/' })).toHaveLength(2);
  });
});

describe('GRAPHQL_PATH', () => {
  test.each([
    ['', '/graphql'],
    ['/graphql/', '/graphql'],
    ['/api/v1/storage', '/api/v1/storage'],
    ['/', '/'],
    ['/.well-known/graphql', '/.well-known/graphql'],
  ])('%j is %s', (text, path) => {
    expect(readConfig({ GRAPHQL_PATH: text }).graphqlPath).toBe(path);
  });

  test.each([
    'graphql',
    '//',
    '/a//b',
    '/a/../b',
    '/..',
    '/a?b',
    '/a b',
    '/%61',
    'http://x/graphql',
    '/health',
    '/ready/',
  ])('%j is refused at start', (text) => {
    expect(() => readConfig({ GRAPHQL_PATH: text })).toThrow(/GRAPHQL_PATH: must be a path such as \/graphql/);
  });
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
      '  UPSTREAM_TIMEOUT_MS: 2001 is more than REQUEST_TIMEOUT_MS: write at most 2000, or a longer REQUEST_TIMEOUT_MS',
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
    `  METRICS_PORT: ${port} is also PORT: write another port, or leave METRICS_PORT empty`;
  expect(problemsOf({ PORT: '9464', METRICS_PORT: '9464' })).toEqual([problem(9464)]);
  expect(problemsOf({ METRICS_PORT: '4000' })).toEqual([problem(4000)]);
  expect(problemsOf({ PORT: '0', METRICS_PORT: '0' })).toEqual([]);
});

test.each(['PORT', 'METRICS_PORT', 'SIMULATOR_PORT'])(
  '%s with an address that Kubernetes set for a Service is refused, and enableServiceLinks named',
  (name) => {
    expect(problemsOf({ [name]: 'tcp://10.0.0.1:9464' })).toEqual([
      `  ${name}: must be a port, but holds an address, as Kubernetes sets it for a Service: write enableServiceLinks: false in the spec of the pod, or set the port`,
    ]);
    expect(problemsOf({ [name]: 'http' })).toEqual([
      expect.stringContaining(`${name}: must be a whole number from 0 to`),
    ]);
  },
);
