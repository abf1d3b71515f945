import { expect, vi } from 'vitest';
import { type GatewayUnderTest, type RequestOptions, startGateway } from '../support/stack.ts';
import { openPeer, openScratch, PATIENCE, type Peer, type PeerUser, type Scratch } from './peer.ts';

/* A gateway over the peer, and what the tests ask it as its users. */

export let peer: Peer;
export let gateway: GatewayUnderTest;
export let scratch: Scratch;

export async function startOverPeer(): Promise<void> {
  peer = await openPeer();
  gateway = await startGatewayOver(peer, [peer.alice.token, peer.bob.token, peer.tiny.token]);
  scratch = openScratch(peer);
}

export async function stopOverPeer(): Promise<void> {
  await scratch[Symbol.asyncDispose]();
  await gateway[Symbol.asyncDispose]();
  await peer[Symbol.asyncDispose]();
}

/** A gateway with time for a real Cinder. These tokens must be found in no log line and no answer. */
export function startGatewayOver({ regions }: Peer, secrets: readonly string[]): Promise<GatewayUnderTest> {
  return startGateway(
    Object.fromEntries(regions.map(({ code, endpoint }) => [code, endpoint])),
    { UPSTREAM_TIMEOUT_MS: '20000', REQUEST_TIMEOUT_MS: '60000' },
    secrets,
  );
}

export const as = ({ token, tenant }: PeerUser, options: RequestOptions = {}): RequestOptions => ({
  ...options,
  headers: { 'x-auth-token': token, 'x-tenant-id': tenant, ...options.headers },
});
// biome-ignore lint/suspicious/noExplicitAny: a test says by its assertions what it expects of an answer
export const data = (query: string, variables: Record<string, unknown> = {}): Promise<any> =>
  gateway.data(query, as(peer.alice, { variables }));
export const refusal = async (query: string, variables: Record<string, unknown> = {}, user = peer.alice) =>
  (await gateway.query(query, as(user, { variables }))).errors?.[0]?.extensions;

export const codes = ['kr1', 'kr2', 'jp1'];

export async function becomes(id: string, status: string) {
  await vi.waitFor(
    async () =>
      expect(await data('query($id: ID!) { volume(id: $id) { status } }', { id })).toEqual({ volume: { status } }),
    PATIENCE,
  );
}
