import type { ServerResponse } from 'node:http';
import { expect, vi } from 'vitest';
import { type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { type CannedRequest, type CannedUpstream, startCanned } from '../support/canned.ts';
import { alice, type GatewayUnderTest, startGateway } from '../support/stack.ts';
import { type Code, codes, type Trouble, volumesEach } from './fault.ts';

/* Three regions that can fail in each of the ways of fault.ts, and a gateway over them. */

const deadline = 10_000;

export let simulator: Simulator;
/** In front of each region, for answers that the simulator cannot give. */
let relays: readonly CannedUpstream[];
let struck: { readonly how: 'flood' | 'stall'; readonly regions: readonly Code[]; readonly path: RegExp } | null = null;
/** The struck answers of relays, and how much was written of each. */
const poured: { readonly response: ServerResponse; bytes: number }[] = [];

/** Starts the regions, each with twelve volumes and a snapshot of each. */
export async function startRegions() {
  simulator = await startSimulator({
    regions: codes.map((code) => ({ code })),
    tokens: { [alice.token]: alice.tenant },
  });
  for (const [place, code] of codes.entries()) {
    const store = simulator.store(code);
    for (let index = 0; index < volumesEach; index++) {
      // The regions take turns, so that a page without one of them has no rows in common with its beginning or end.
      const created_at = `2024-01-01T00:00:${String(index * codes.length + place).padStart(2, '0')}.000000`;
      const { id } = store.addVolume(alice.tenant, { size: 10 ** place, volume_type: 'General SSD', created_at });
      store.addSnapshot(alice.tenant, { volume_id: id });
    }
  }
  relays = await Promise.all(codes.map(startRelay));
}

export async function stopRegions() {
  await Promise.all(relays.map((relay) => relay[Symbol.asyncDispose]()));
  await simulator[Symbol.asyncDispose]();
}

function startRelay(code: Code): Promise<CannedUpstream> {
  return startCanned((request, response) => {
    const how = struck?.regions.includes(code) && struck.path.test(request.path) ? struck.how : null;
    if (how) void pour(response, how === 'flood' ? 200 : 1);
    else void relay(code, request, response);
    return null;
  });
}

async function relay(code: Code, { path, tenant, headers }: CannedRequest, response: ServerResponse): Promise<void> {
  const answer = await fetch(`${simulator.endpoints[code]}/v2/${tenant}${path}`, {
    headers: { 'x-auth-token': String(headers['x-auth-token']) },
  });
  response.writeHead(answer.status, { 'content-type': answer.headers.get('content-type') ?? '' });
  response.end(await answer.text());
}

/** Begins an answer, writes so many megabytes of it as far as they are taken, and never ends it. */
async function pour(response: ServerResponse, megabytes: number): Promise<void> {
  const entry = { response, bytes: 0 };
  poured.push(entry);
  const closed = new Promise<void>((resolve) => response.once('close', resolve));
  // Without a length, so that only reading tells how much it is.
  response.writeHead(200, { 'content-type': 'application/json' });
  const chunk = Buffer.alloc(1024 * 1024, ' ');
  while (entry.bytes < megabytes * chunk.length && !response.destroyed) {
    entry.bytes += chunk.length;
    if (response.write(chunk)) continue;
    await Promise.race([closed, new Promise((resolve) => response.once('drain', resolve))]);
  }
}

/** A gateway of its own for each cell: nothing is left over from another, such as a memory of failures. */
export async function openGateway({ fault }: Trouble): Promise<GatewayUnderTest> {
  const endpoints =
    typeof fault === 'string'
      ? Object.fromEntries(codes.map((code, index) => [code, relays[index]?.endpoint ?? '']))
      : simulator.endpoints;
  const isSilent = fault === 'stall' || (fault !== 'flood' && fault.kind === 'hang');
  return startGateway(endpoints, {
    UPSTREAM_TIMEOUT_MS: isSilent ? '500' : String(deadline),
    REQUEST_TIMEOUT_MS: String(deadline),
  });
}

/** Lets regions fail until the returned function is called. */
function strike({ fault }: Trouble, regions: readonly Code[], path = /./): () => void {
  if (typeof fault !== 'string') {
    const lifts = regions.map((region) => simulator.inject({ ...fault, region, path }));
    return () => {
      for (const lift of lifts) lift();
    };
  }
  struck = { how: fault, regions, path };
  poured.length = 0;
  return () => {
    struck = null;
  };
}

/** Asks while regions fail, and sees to it that the answer comes in time, says nothing it must not and leaves nothing open. */
export async function ask(
  gateway: GatewayUnderTest,
  [trouble, regions, path]: Parameters<typeof strike>,
  query: string,
  variables: Record<string, unknown> = {},
) {
  const lift = strike(trouble, regions, path);
  const start = performance.now();
  const answer = await gateway.query(query, { variables }).finally(lift);
  const milliseconds = performance.now() - start;
  // To read as much as the gateway does takes its time on a busy machine.
  expect(milliseconds).toBeLessThan(trouble.fault === 'flood' ? deadline : deadline / 2);
  expect(JSON.stringify(answer)).not.toMatch(/<html|127\.0\.0\.1|localhost|:\d{5}/);
  await expectClosed();
  if (trouble.fault === 'flood') expectGivenUp();
  return answer;
}

/** No call that failed goes on behind the answer. */
async function expectClosed(): Promise<void> {
  await vi.waitFor(() => {
    expect(poured.filter(({ response }) => !response.destroyed)).toHaveLength(0);
    expect(simulator.requests.filter(({ done }) => !done)).toHaveLength(0);
  }, 5000);
}

/** The gateway reads 32 MiB; what is on its way in the buffers of two sockets comes on top. */
function expectGivenUp(): void {
  expect(poured.length).toBeGreaterThan(0);
  for (const { bytes } of poured) {
    expect(bytes).toBeGreaterThan(31 * 1024 * 1024);
    expect(bytes).toBeLessThan(64 * 1024 * 1024);
  }
}

export const globalId = (type: string, region: Code, uuid: string) =>
  Buffer.from(`${type}:${region}:${uuid}`).toString('base64url');
export const volumesOf = (region: Code) => simulator.store(region).volumes(alice.tenant);
export const newestFirst = (regions: readonly Code[]) =>
  regions
    .flatMap(volumesOf)
    .toSorted((a, b) => (a.created_at < b.created_at ? 1 : -1))
    .map(({ id }) => id);
