import { expect } from 'vitest';
import { type Stack, startStack } from '../support/stack.ts';

/* A gateway that must be the same after hostile requests as before. */

export let stack: Stack;

export async function start(): Promise<void> {
  stack = await startStack({ environment: { CORS_ORIGINS: 'https://console.example', INTROSPECTION: 'false' } });
}

export async function stop(): Promise<void> {
  // After all that the gateway is what it was.
  expect(await stack.data('{ region(code: KR1) { volumes { nodes { name } } } }')).toEqual({
    region: { volumes: { nodes: [] } },
  });
  expect(({} as Record<string, unknown>).polluted).toBeUndefined();
  expect(stack.log.filter((line) => /"level":[56]0/.test(line))).toEqual([]);
  await stack[Symbol.asyncDispose]();
}
