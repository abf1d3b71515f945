import { setTimeout } from 'node:timers/promises';
import { describe, expect, test, vi } from 'vitest';
import { headersOfAlice } from '../support/post.ts';
import { alice, bob, type Stack, startStack } from '../support/stack.ts';
import { asBob, create, impatient, isAvailable, isOpenForAll, list, openWith } from './breaker.ts';

/* When calls of one caller are kept from a region, and calls that say nothing about it. */

describe.concurrent('a caller whose calls time out', () => {
  test('loses the region alone: another caller loses none of 200 calls', async () => {
    await using stack = await startStack({ environment: impatient });
    stack.simulator.inject({ kind: 'hang', path: new RegExp(bob.tenant) });
    let bobIsKeptAway = false;
    for (let index = 0; index < 200; index++) {
      const slow = bobIsKeptAway ? [] : [stack.query(list, asBob), stack.query(list, asBob)];
      expect((await stack.query(list)).errors).toBeUndefined();
      await Promise.all(slow);
      bobIsKeptAway ||= !(await isAvailable(stack, asBob));
    }
    expect(bobIsKeptAway).toBe(true);
    expect((await stack.query(list, asBob)).errors?.[0]?.extensions).toMatchObject({
      code: 'UPSTREAM_UNAVAILABLE',
      retryAfter: expect.any(Number),
    });
    expect(await isAvailable(stack)).toBe(true);
    expect(await isOpenForAll(stack)).toBe(false);
  });

  test('is one whose region is answered by a proxy with 504', async () => {
    await using stack = await startStack();
    stack.simulator.inject({ kind: 'html', status: 504, path: new RegExp(bob.tenant) });
    await openWith(stack, list, asBob);
    expect(await isAvailable(stack, asBob)).toBe(false);
    expect(await isAvailable(stack)).toBe(true);
  });

  test('takes the region from nobody by naming the tenant of another', async () => {
    await using stack = await startStack({ environment: impatient });
    const asStranger = { headers: { 'x-auth-token': 'token-of-nobody', 'x-tenant-id': alice.tenant } };
    const mend = stack.simulator.inject({ kind: 'hang', path: new RegExp(alice.tenant) });
    await openWith(stack, list, asStranger);
    mend();
    expect(await isAvailable(stack, asStranger)).toBe(false);
    expect((await stack.query(list)).errors).toBeUndefined();
  });

  test('is let through again by a read of its own', async () => {
    await using stack = await startStack({ environment: impatient });
    const mend = stack.simulator.inject({ kind: 'hang', path: new RegExp(bob.tenant) });
    await openWith(stack, list, asBob);
    mend();
    expect((await stack.query(create, asBob)).errors).toHaveLength(1);
    await vi.waitFor(async () => expect((await stack.query(list, asBob)).errors).toBeUndefined(), {
      timeout: 8000,
      interval: 200,
    });
    await stack.data(create, asBob);
  });

  test('is not one of a region that answers nobody, not even the gateway: all lose that one', async () => {
    await using stack = await startStack({ environment: impatient });
    stack.simulator.inject({ kind: 'hang', region: 'kr1' });
    await openWith(stack, list, asBob);
    await vi.waitFor(async () => expect(await isOpenForAll(stack)).toBe(true), 5000);
    expect(await isAvailable(stack)).toBe(false);
  });
});

describe('calls that say nothing about the region', () => {
  test('are those of a document that outlasts its own time: they were not sent, and others keep the region', async () => {
    await using stack = await startStack({ environment: { REQUEST_TIMEOUT_MS: '600' } });
    stack.simulator.inject({ kind: 'delay', ms: 30, method: 'DELETE' });
    const ids = Array.from({ length: 100 }, (_, index) => `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`);
    const fields = ids.map(
      (id, index) => `d${index}: deleteVolume(input: { region: KR1, id: "${id}" }) { deletedVolumeId }`,
    );
    const { errors = [] } = await stack.query(`mutation { ${fields.join(' ')} }`);
    const late = errors.filter(({ extensions }) => extensions?.code === 'UPSTREAM_TIMEOUT');
    const notSent = late.filter(({ message }) => message.includes('was not sent'));
    expect(notSent.length).toBeGreaterThan(50);
    for (const { extensions } of notSent) expect(extensions).toEqual({ code: 'UPSTREAM_TIMEOUT', region: 'KR1' });
    // At most the one that was under way when the time was up.
    for (const { extensions } of late.filter((error) => !notSent.includes(error)))
      expect(extensions).toMatchObject({ outcomeUnknown: true });
    expect(late.length - notSent.length).toBeLessThanOrEqual(1);
    expect(await isAvailable(stack)).toBe(true);
    for (let index = 0; index < 200; index++) expect((await stack.query(list, asBob)).errors).toBeUndefined();
  });

  test('are those that the request gave less than their time', async () => {
    // A call may take as long as its request, so here the body takes some of that time.
    await using stack = await startStack({ environment: { REQUEST_TIMEOUT_MS: '300' } });
    stack.simulator.inject({ kind: 'hang' });
    for (let sent = 0; sent < 60; sent += 10)
      await Promise.all(Array.from({ length: 10 }, () => sendSlowly(stack, list, 100)));
    expect(await isAvailable(stack)).toBe(true);
  });
});

/** Sends a query as alice; the end of its body arrives some milliseconds after its beginning. */
function sendSlowly(stack: Stack, query: string, milliseconds: number) {
  const text = JSON.stringify({ query });
  const body = new ReadableStream({
    async start(controller) {
      controller.enqueue(Buffer.from(text.slice(0, 5)));
      await setTimeout(milliseconds);
      controller.enqueue(Buffer.from(text.slice(5)));
      controller.close();
    },
  });
  // Fetch takes a stream as body with `duplex` only, which the type of the browsers does not have.
  const init: RequestInit & { duplex: 'half' } = { method: 'POST', headers: headersOfAlice, body, duplex: 'half' };
  return stack.fetch('/graphql', init);
}
