import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { type GatewayUnderTest, startGateway } from '../support/stack.ts';
import { isLogged, issueToken, pauseRegion, revokeToken, stopRegion } from './cinder.ts';
import { openPeer, openScratch, type Peer, type PeerUser, type Scratch } from './peer.ts';

/*
 * Regions that hang or are gone, tokens that were taken back, and logs: of a real Cinder alone, whose processes, tokens
 * and logs these are. What the simulator does in their place is the subject of other tests.
 */

const codes = ['kr1', 'kr2', 'jp1'];
const name = `outage-${Math.random().toString(36).slice(2)}`;

let peer: Peer;
let scratch: Scratch;
let gateway: GatewayUnderTest;
let revoked: PeerUser;
let revokedLate: PeerUser;

beforeAll(async () => {
  peer = await openPeer();
  scratch = openScratch(peer);
  for (const code of codes) await scratch.create('volume', { size: 1, name }, code);
  [revoked, revokedLate] = await Promise.all([issueToken('alice'), issueToken('alice')]);
  gateway = await startGateway(
    Object.fromEntries(peer.regions.map(({ code, endpoint }) => [code, endpoint])),
    { UPSTREAM_TIMEOUT_MS: '15000', REQUEST_TIMEOUT_MS: '60000' },
    [peer.alice, revoked, revokedLate].map(({ token }) => token),
  );
}, 120_000);

afterAll(async () => {
  await gateway?.[Symbol.asyncDispose]();
  await scratch?.[Symbol.asyncDispose]();
  await peer?.[Symbol.asyncDispose]();
}, 120_000);

const whole = { answered: ['JP1', 'KR1', 'KR2'], failures: [] };

test('a region that hangs is UPSTREAM_TIMEOUT, the others are whole, and it answers again when it goes on', async () => {
  expect(await read()).toEqual(whole);
  {
    using _ = await pauseRegion('jp1');
    expect(await read()).toEqual({ answered: ['KR1', 'KR2'], failures: [{ region: 'JP1', code: 'UPSTREAM_TIMEOUT' }] });
  }
  await vi.waitFor(async () => expect(await read()).toEqual(whole), { timeout: 60_000, interval: 500 });
}, 120_000);

test('a region that is gone is UPSTREAM_UNAVAILABLE, the others are whole, and it answers again when it is back', async () => {
  expect(await read()).toEqual(whole);
  {
    await using _ = await stopRegion('jp1');
    expect(await read()).toEqual({
      answered: ['KR1', 'KR2'],
      failures: [{ region: 'JP1', code: 'UPSTREAM_UNAVAILABLE' }],
    });
  }
  await vi.waitFor(async () => expect(await read()).toEqual(whole), { timeout: 60_000, interval: 500 });
}, 180_000);

test('a token that was taken back is UNAUTHENTICATED in every region that has not seen it before', async () => {
  await revokeToken(revoked);
  const { errors } = await gateway.query(query, { variables: { name }, headers: headersOf(revoked) });
  expect(errors?.[0]?.extensions).toMatchObject({
    code: 'UNAUTHENTICATED',
    failures: codes.map((code) => ({ region: code.toUpperCase(), code: 'UNAUTHENTICATED' })),
  });
  expect(await read()).toEqual(whole);
});

test('a region that has seen a token before it was taken back serves on, beside the others’ UNAUTHENTICATED', async () => {
  const seen = '{ region(code: KR1) { volumes(first: 1) { nodes { id } } } }';
  await gateway.data(seen, { headers: headersOf(revokedLate) });
  await revokeToken(revokedLate);
  const { answered, failures } = await read(revokedLate);
  expect(answered).toEqual(['KR1']);
  expect(failures).toEqual([
    { region: 'KR2', code: 'UNAUTHENTICATED' },
    { region: 'JP1', code: 'UNAUTHENTICATED' },
  ]);
});

test('Cinder logs the calls of a request under the global request id that the gateway logs', async () => {
  await gateway.data('{ region(code: KR1) { volumes(first: 1) { nodes { id } } } }', {
    headers: { ...headersOf(peer.alice), 'x-request-id': name },
  });
  const line = gateway.log.map((text) => JSON.parse(text)).find(({ requestId }) => requestId === name);
  await vi.waitFor(async () => expect(await isLogged('kr1', `[${line.globalRequestId} req-`)).toBe(true), 10_000);
});

const query = `query($name: String!) {
  volumes(first: 10, filter: { name: $name }) { nodes { region { code } } failures { region { code } code } }
}`;

/** The regions that have contributed to a list, and what became of the others. */
async function read(user: PeerUser = peer.alice) {
  const { volumes } = await gateway.data(query, { variables: { name }, headers: headersOf(user) });
  const answered: string[] = volumes.nodes.map(({ region }: { region: { code: string } }) => region.code);
  const failures = volumes.failures.map(({ region, code }: { region: { code: string }; code: string }) => ({
    region: region.code,
    code,
  }));
  return { answered: answered.sort(), failures };
}

function headersOf({ token, tenant }: PeerUser): Record<string, string> {
  return { 'x-auth-token': token, 'x-tenant-id': tenant };
}
