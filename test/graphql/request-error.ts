import { expect } from 'vitest';
import type { GatewayUnderTest } from '../support/stack.ts';

/* Requests that GraphQL refuses before anything is executed, and names of them that are too long to repeat. */

/** The messages of the errors of a request that is refused with one code. */
export async function messagesOf(
  gateway: GatewayUnderTest,
  code: string,
  query: string,
  variables = {},
): Promise<string[]> {
  const { data, errors = [] } = await gateway.query(query, { variables });
  expect(data).toBeUndefined();
  expect(new Set(errors.map(({ extensions }) => extensions?.code))).toEqual(new Set([code]));
  expect(JSON.stringify(errors)).not.toContain('hidden');
  return errors.map(({ message }) => message);
}

export const long = 'n'.repeat(100_000);
export const cut = `${'n'.repeat(100)}…`;
