import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { startCanned } from '../support/canned.ts';
import { alice, type GatewayUnderTest, startGateway } from '../support/stack.ts';

/* Large answers are encoded and hashed in parts; nothing else differs from small ones. */

/** Several million characters, each of two code units. */
const volumes = Array.from({ length: 1000 }, (_, index) => ({
  id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
  name: 'a volume',
  created_at: `2024-01-01T00:00:00.${999_999 - index}`,
  metadata: { text: '🂡'.repeat(2000) },
}));

function get(gateway: GatewayUnderTest, query: string, headers: Record<string, string> = {}) {
  return gateway.fetch(`/graphql?query=${encodeURIComponent(query)}`, {
    headers: { 'x-auth-token': alice.token, 'x-tenant-id': alice.tenant, ...headers },
  });
}

test('no character of a large answer is split between two parts', async () => {
  await using region = await startCanned(() => ({ body: { volumes } }));
  await using gateway = await startGateway({ kr1: region.endpoint });
  // The second name is one character longer, so in one of the two answers every part would end within a surrogate pair.
  for (const name of ['n', 'nn']) {
    const data = await gateway.data(`{ ${name}: volumes(first: 1000) { nodes { metadata } } }`);
    expect(data[name].nodes).toEqual(volumes.map(({ metadata }) => ({ metadata })));
  }
});

test('the ETag of a large answer is the hash of its bytes, and a client that has it gets 304', async () => {
  await using region = await startCanned(() => ({ body: { volumes } }));
  await using gateway = await startGateway({ kr1: region.endpoint });
  const query = '{ volumes(first: 1000) { nodes { metadata } } }';
  const { text, headers } = await get(gateway, query);
  const etag = headers.get('etag') ?? '';
  expect(etag).toBe(`"${createHash('sha256').update(text).digest('base64url')}"`);
  expect(await get(gateway, query, { 'if-none-match': etag })).toMatchObject({ status: 304, text: '' });
});
