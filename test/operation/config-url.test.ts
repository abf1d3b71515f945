import { describe, expect, test } from 'vitest';
import { readConfig } from '../../src/config/read-config.ts';
import { problemsOf } from '../support/problems.ts';
import { alice, bob, startGateway, startStack } from '../support/stack.ts';

/* Variables that take URLs and paths: REGIONS, CORS_ORIGINS, GRAPHQL_PATH. */

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
      `REGIONS: the endpoint of a names v${version}, but the gateway speaks the Block Storage API v2. OpenStack removed v2 from Cinder in the Xena release, so an endpoint that offers only v3 cannot be used. If v2 exists there, write /v2 instead of /v${version}`,
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
      `REGIONS: the endpoint of a holds the placeholder ${placeholder}: write a URL without placeholders, such as https://cinder.example:8776. The gateway appends /v2 and the project itself`,
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
      `CORS_ORIGINS: "${origin}" ${problem}`,
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
