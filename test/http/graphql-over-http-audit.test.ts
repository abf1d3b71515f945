import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../support/stack.ts';

/* The GraphQL over HTTP specification, as its own suite of audits reads it: musts, shoulds and mays. */

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(() => stack[Symbol.asyncDispose]());

/**
 * Audits that want 400 where the draft of August 2026 wants 422 of `application/graphql-response+json`: the audit's id, and
 * the draft's sentence ("Status Codes").
 */
const exceptions = new Map([
  ['423L', 'If the request is not a well-formed GraphQL-over-HTTP request, status code 422 SHOULD be used.'],
  [
    '86EE',
    'If the variable values cannot be coerced to match the operation’s variable definitions, status code 422 SHOULD be used.',
  ],
]);

const audits = serverAudits({ url: () => `${stack.url}/graphql`, fetchFn: fetch });

test.each(audits.filter(({ id }) => !exceptions.has(id)).map((audit) => [audit.name, audit]))(
  'GraphQL over HTTP: %s',
  async (_, audit) => {
    expect(await audit.fn()).toMatchObject({ status: 'ok' });
  },
);

test.each([...exceptions])('the audit %s gets 422 instead of 400: %s', async (id) => {
  const result = await audits.find((audit) => audit.id === id)?.fn();
  expect(result).toMatchObject({ status: expect.stringMatching(/^(warn|notice)$/), response: { status: 422 } });
});
