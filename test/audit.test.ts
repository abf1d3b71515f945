import { serverAudits } from 'graphql-http';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from './support/stack.ts';

/* The GraphQL over HTTP specification, as its own suite of audits reads it: musts, shoulds and mays. */

let stack: Stack;

beforeAll(async () => {
  stack = await startStack();
});

afterAll(() => stack[Symbol.asyncDispose]());

test.each(serverAudits({ url: () => `${stack.url}/graphql`, fetchFn: fetch }).map((audit) => [audit.name, audit]))(
  'GraphQL over HTTP: %s',
  async (_, audit) => {
    expect(await audit.fn()).toMatchObject({ status: 'ok' });
  },
);
