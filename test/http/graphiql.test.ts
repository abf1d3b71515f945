import { parse, validate } from 'graphql';
import { expect, test } from 'vitest';
import { exampleTabs } from '../../src/http/graphiql/example-tabs.ts';
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
