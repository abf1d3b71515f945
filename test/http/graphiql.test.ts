import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { exampleTabs } from '../../src/http/graphiql/example-tabs.ts';
import { createPage } from '../../src/http/graphiql/page.ts';
import { parseRegions } from '../../src/regions.ts';
import { createSchema } from '../../src/schema/index.ts';
import { startStack } from '../support/stack.ts';

/* GraphiQL outside the demo: test/browser has it in a browser. */

test('over regions of one’s own the example tabs ask for those', () => {
  const { regions } = parseRegions('seoul=https://a.example,busan-2=https://b.example', {
    allowHttp: false,
    ownIdentity: [],
  });
  const schema = createSchema(regions, { federation: false });
  for (const tab of exampleTabs(regions)) expect(validate(schema, parse(tab))).toEqual([]);
  expect(exampleTabs(regions).join('')).toContain('BUSAN_2');
});

test('the page has examples and headers to fill in, and nothing of the demo', async () => {
  await using stack = await startStack({ environment: { GRAPHIQL: 'true' } });
  const { text } = await stack.fetch('/graphql', { headers: { accept: 'text/html' } });
  expect(text).toContain('query Summary');
  expect(text).toContain(String.raw`\"X-Auth-Token\": \"\"`);
  expect(text).not.toContain('demo-token');
});

test('the page is rendered once for all who ask for it first, and again if that has failed', async () => {
  const page = createPage({ title: 'Block Storage' });
  const [one, other] = await Promise.all([page(), page()]);
  expect(one).toBe(other);
  expect(one.toString()).toContain('Block Storage');
  // A function cannot be sent to the thread.
  const options = { title: 'Block Storage', defaultTabs: [() => {}] as never };
  const broken = createPage(options);
  await expect(broken()).rejects.toThrow('could not be cloned');
  options.defaultTabs = [] as never;
  expect((await broken()).toString()).toContain('Block Storage');
});
