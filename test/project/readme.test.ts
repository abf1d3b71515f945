import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { promisify } from 'node:util';
import { parse } from 'graphql';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { layerRules } from '../../scripts/layer-rules.ts';
import { layers } from '../../scripts/layers.ts';
import { schemaReference } from '../../scripts/schema-reference.ts';
import { layerRulesFile, readmeFile, readSchema, schemaPage, withTables } from '../../scripts/tables.ts';
import { demoTabs } from '../../src/http/graphiql/demo-tabs.ts';
import { DEMO_REGIONS, DEMO_TOKENS } from '../../src/simulator/demo.ts';
import { subscribe } from '../support/event-stream.ts';
import { type Stack, startStack } from '../support/stack.ts';

/* What the README shows works as it stands there, in the demo. */

const readme = readFileSync(readmeFile, 'utf8');
const blocks = (language: string) =>
  Array.from(readme.matchAll(new RegExp(`^\`\`\`${language}\n([\\s\\S]*?)^\`\`\``, 'gm')), ([, text = '']) => text);

let demo: Stack;
const [token = '', tenant = ''] = Object.entries(DEMO_TOKENS)[0] ?? [];
const headers = { 'x-auth-token': token, 'x-tenant-id': tenant };

beforeAll(async () => {
  demo = await startStack({ tokens: DEMO_TOKENS, seed: true });
});

afterAll(() => demo[Symbol.asyncDispose]());

test('the tables of errors and configuration are those of the code', () => {
  expect(readme).toContain('`UPSTREAM_TIMEOUT`');
  expect(readme).toContain('`REQUEST_TIMEOUT_MS`');
  expect(withTables(readme)).toBe(readme);
});

test('the linter’s rules are those of the table of layers', () => {
  expect(JSON.parse(readFileSync(layerRulesFile, 'utf8'))).toEqual(layerRules());
});

test('a layer imports only layers below it', () => {
  for (const [row, { place, imports }] of layers.entries()) {
    const below = layers.slice(row + 1).map((layer) => layer.place);
    const upward = imports.filter((name) => !below.some((other) => name === other || name.startsWith(other)));
    expect({ place, upward }).toEqual({ place, upward: [] });
  }
});

test('every file of src is in a layer', () => {
  const files = readdirSync(new URL('../../src/', import.meta.url), { withFileTypes: true });
  const places = files.map((file) => (file.isDirectory() ? `${file.name}/` : file.name));
  expect(places.toSorted()).toEqual(layers.map(({ place }) => place).toSorted());
});

test('the reference of the schema is what the schema says', () => {
  expect(schemaReference(readSchema())).toBe(readFileSync(schemaPage, 'utf8'));
});

test('the page on REST calls shows those that its query makes', async () => {
  const page = readFileSync(new URL('../../docs/rest-calls.md', import.meta.url), 'utf8');
  const [, query = '', shown = ''] = /```graphql\n(.*?)```.*?```\n(.*?)```/s.exec(page) ?? [];
  const { extensions } = await demo.query(query, { headers: { ...headers, 'x-gateway-trace': '1' } });
  // The type of an answer is the test's to say.
  const upstream = extensions?.upstream as { region: string; method: string; path: string; status: number }[];
  const made = upstream.map(
    ({ region, method, path, status }) => `${region} ${method} ${decodeURIComponent(path)} ${status}`,
  );
  const told = shown
    .split('\n')
    .flatMap((line) => /^(\w+) +(GET \S+) +(\d+) +\d+$/.exec(line)?.slice(1).join(' ') ?? []);
  expect(told).toHaveLength(9);
  expect(made.toSorted()).toEqual(told.toSorted());
});

test.each(blocks('graphql').map((query) => [query.trim().split('\n').slice(0, 3).join(' '), query]))(
  'the query «%s …» works as pasted, and shows something',
  async (_, query) => {
    const data = await answerTo(query);
    for (const value of Object.values(data)) expect(value).not.toBeNull();
    // The first event of a list that is followed has no changes.
    expect(JSON.stringify(data)).toMatch(/"(name|status)":"|"refetch":\[/);
  },
);

async function answerTo(query: string): Promise<Record<string, unknown>> {
  if (!query.startsWith('subscription')) return demo.data(query, { headers });
  await using subscribed = subscribe(demo, query, { headers });
  await vi.waitFor(() => expect(subscribed.results).not.toEqual([]), { timeout: 10_000 });
  return subscribed.results[0]?.data ?? {};
}

test('the curl line works as pasted', async () => {
  const [curl] = blocks('sh').filter((block) => block.startsWith('curl'));
  const { stdout } = await promisify(execFile)('sh', ['-c', curl?.replace('http://localhost:4000', demo.url) ?? '']);
  expect(JSON.parse(stdout).data.regions).toHaveLength(3);
});

test('every operation in the demo’s tabs works, but for those that show an error', async () => {
  for (const tab of demoTabs(DEMO_REGIONS.map((code) => ({ code })))) {
    for (const definition of parse(tab).definitions) {
      if (definition.kind !== 'OperationDefinition') continue;
      const operationName = definition.name?.value ?? '';
      const { text } = await demo.fetch('/graphql', {
        method: 'POST',
        headers: { 'content-type': 'application/json', ...headers },
        body: JSON.stringify({ query: tab, operationName }),
      });
      const codes = (JSON.parse(text).errors ?? []).map(
        ({ extensions }: { extensions: { code: string } }) => extensions.code,
      );
      const expected: Record<string, string[]> = {
        Look: ['BAD_USER_INPUT'],
        Follow: ['BAD_USER_INPUT'],
        Snapshot: ['BAD_USER_INPUT'],
        Upload: ['BAD_USER_INPUT'],
        Delete: ['BAD_USER_INPUT'],
        Errors: ['BAD_USER_INPUT', 'BAD_USER_INPUT'],
        Conflict: ['CONFLICT'],
      };
      expect(codes, operationName).toEqual(expected[operationName] ?? []);
    }
  }
});

test('every command that the README names is one of package.json', () => {
  const { scripts } = JSON.parse(readFileSync(new URL('../../package.json', import.meta.url), 'utf8'));
  const named = Array.from(
    readme.matchAll(/npm (?:run )?(start|test\b(?::\w+)?|demo|simulator|check|codegen|docs)/g),
    ([, name = '']) => name,
  );
  expect(named.length).toBeGreaterThan(8);
  for (const name of named) expect(scripts, name).toHaveProperty(name);
});
