import { expect, test, vi } from 'vitest';
import { startStack } from '../support/stack.ts';

/* Nobody waits: nothing goes on. */

const nested =
  '{ region(code: KR1) { volumes { nodes { status volumeType { name } snapshots { nodes { name } } } } } }';

test('a client that leaves during a slow list closes the sockets to the upstream', async () => {
  await using stack = await startStack();
  stack.simulator.inject({ kind: 'hang' });
  const leaving = new AbortController();
  const answer = stack.query(nested, { signal: leaving.signal });
  await stack.simulator.waitForRequests(3);
  expect(stack.simulator.requests.map(({ done }) => done)).toEqual([false, false, false]);
  leaving.abort();
  await expect(answer).rejects.toThrow();
  await vi.waitFor(() => expect(stack.simulator.requests.map(({ aborted }) => aborted)).toEqual([true, true, true]));
});

test('a client that leaves between two pages stops the reading of the third', async () => {
  await using stack = await startStack({ regions: [{ code: 'kr1', maxLimit: 1 }] });
  for (let index = 0; index < 5; index++) stack.simulator.store('kr1').addVolume('6cdebe3eb0094910bc41f1d42ebe4cb7');
  stack.simulator.inject({ kind: 'hang', path: /marker/ });
  const leaving = new AbortController();
  const answer = stack.query('{ region(code: KR1) { volumes { nodes { status } } } }', { signal: leaving.signal });
  await stack.simulator.waitForRequests(2);
  leaving.abort();
  await expect(answer).rejects.toThrow();
  await vi.waitFor(() => expect(stack.simulator.requests[1]?.aborted).toBe(true));
  await vi.waitFor(() => expect(stack.log.join('')).toContain('"status":499'));
  expect(stack.calls()).toHaveLength(2);
});

test('a region that never answers is given up at the deadline, its sockets closed', async () => {
  await using stack = await startStack({ environment: { UPSTREAM_TIMEOUT_MS: '150' } });
  stack.simulator.inject({ kind: 'hang' });
  const { errors } = await stack.query(nested);
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['UPSTREAM_TIMEOUT']);
  await vi.waitFor(() => expect(stack.simulator.requests.every(({ aborted }) => aborted)).toBe(true));
});
