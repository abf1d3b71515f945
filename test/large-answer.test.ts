import { createHash } from 'node:crypto';
import { expect, test } from 'vitest';
import { startCanned } from './support/canned.ts';
import { alice, type GatewayUnderTest, startGateway } from './support/stack.ts';

/* Large answers are turned into bytes and digested in parts, and are what small ones are. */

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

test('no character of a large answer is torn, wherever its parts end', async () => {
  await using region = await startCanned(() => ({ body: { volumes } }));
  await using gateway = await startGateway({ kr1: region.endpoint });
  // One character more before the first, so that each part ends within a pair in one of the two.
  for (const name of ['n', 'nn']) {
    const data = await gateway.data(`{ ${name}: volumes(first: 1000) { nodes { metadata } } }`);
    expect(data[name].nodes).toEqual(volumes.map(({ metadata }) => ({ metadata })));
  }
});

test('the ETag of a large answer names its bytes, and whoever has it need not receive it again', async () => {
  await using region = await startCanned(() => ({ body: { volumes } }));
  await using gateway = await startGateway({ kr1: region.endpoint });
  const query = '{ volumes(first: 1000) { nodes { metadata } } }';
  const { text, headers } = await get(gateway, query);
  const etag = headers.get('etag') ?? '';
  expect(etag).toBe(`"${createHash('sha256').update(text).digest('base64url')}"`);
  expect(await get(gateway, query, { 'if-none-match': etag })).toMatchObject({ status: 304, text: '' });
});
