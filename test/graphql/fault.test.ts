import type { ServerResponse } from 'node:http';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import type { ErrorCode } from '../../src/errors/codes.ts';
import { type Fault, type Simulator, startSimulator } from '../../src/simulator/server.ts';
import { type CannedRequest, type CannedUpstream, startCanned } from '../support/canned.ts';
import { alice, type GatewayUnderTest, type GraphQLAnswer, startGateway, startStack } from '../support/stack.ts';

/*
 * What is left of an answer when a region fails, for each way of failing, of each kind of field: what the others
 * answered, and the region named with the code of the contract. One region of three fails, then all of them.
 */

interface Trouble {
  readonly name: string;
  /** As the simulator does it, or what it cannot do: an answer of 200 MB, and one that stops in the middle. */
  readonly fault: Omit<Fault, 'region' | 'path'> | 'flood' | 'stall';
  readonly code: ErrorCode;
  /** Of a complete answer. */
  readonly status?: number;
  readonly retryAfter?: number;
  /** Lookups take it for the answer that there is no such thing. */
  readonly saysGone?: true;
}

/** Longer than a whole request may take, so that nobody waits for it within one. */
const retryAfter = 60;
const wait = { 'Retry-After': String(retryAfter) };

const troubles: readonly Trouble[] = [
  { name: '401', fault: { kind: 'status', status: 401 }, code: 'UNAUTHENTICATED', status: 401 },
  { name: '403', fault: { kind: 'status', status: 403 }, code: 'FORBIDDEN', status: 403 },
  { name: '404 in HTML', fault: { kind: 'html', status: 404 }, code: 'UPSTREAM_ERROR', status: 404 },
  {
    name: '404 itemNotFound',
    fault: { kind: 'status', status: 404 },
    code: 'NOT_FOUND',
    status: 404,
    saysGone: true,
  },
  { name: '413 in HTML', fault: { kind: 'html', status: 413 }, code: 'PAYLOAD_TOO_LARGE', status: 413 },
  {
    name: '413 overLimit',
    fault: { kind: 'status', status: 413, headers: wait },
    code: 'RATE_LIMITED',
    status: 413,
    retryAfter,
  },
  { name: '429', fault: { kind: 'status', status: 429, headers: wait }, code: 'RATE_LIMITED', status: 429, retryAfter },
  { name: '500', fault: { kind: 'status', status: 500 }, code: 'UPSTREAM_ERROR', status: 500 },
  { name: '503 in HTML', fault: { kind: 'html' }, code: 'UPSTREAM_UNAVAILABLE', status: 503 },
  { name: 'a reset', fault: { kind: 'reset' }, code: 'UPSTREAM_UNAVAILABLE' },
  { name: 'no answer', fault: { kind: 'hang' }, code: 'UPSTREAM_TIMEOUT' },
  { name: 'an answer that does not end', fault: 'stall', code: 'UPSTREAM_TIMEOUT' },
  { name: 'half an answer', fault: { kind: 'halfBody' }, code: 'UPSTREAM_UNAVAILABLE' },
  {
    name: '200 with JSON cut short',
    fault: { kind: 'body', body: '{"volumes": [{"id": "17975e9d' },
    code: 'UPSTREAM_ERROR',
    status: 200,
  },
  { name: '200 with HTML', fault: { kind: 'html', status: 200 }, code: 'UPSTREAM_ERROR', status: 200 },
  { name: '200 MB', fault: 'flood', code: 'UPSTREAM_ERROR' },
];

const codes = ['kr1', 'kr2', 'jp1'] as const;
type Code = (typeof codes)[number];

interface Scope {
  readonly name: string;
  readonly failing: readonly Code[];
  readonly healthy: readonly Code[];
}

const scopes: readonly Scope[] = [
  { name: 'one region of three', failing: ['kr2'], healthy: ['kr1', 'jp1'] },
  { name: 'all regions', failing: codes, healthy: [] },
];

const cells = troubles.flatMap((trouble) => scopes.map((scope) => ({ trouble, scope })));
const title = '$trouble.name in $scope.name';

/** More than the ten errors of one cause that are listed, and than are read singly. */
const volumesEach = 12;
const deadline = 10_000;

let simulator: Simulator;
/** In front of each region, for answers that the simulator cannot give. */
let relays: readonly CannedUpstream[];
let struck: { readonly how: 'flood' | 'stall'; readonly regions: readonly Code[]; readonly path: RegExp } | null = null;
/** The struck answers of relays, and how much was written of each. */
const poured: { readonly response: ServerResponse; bytes: number }[] = [];

beforeAll(async () => {
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
});

afterAll(async () => {
  await Promise.all(relays.map((relay) => relay[Symbol.asyncDispose]()));
  await simulator[Symbol.asyncDispose]();
});

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
async function openGateway({ fault }: Trouble): Promise<GatewayUnderTest> {
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
async function ask(
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

const asGraphQL = (code: Code) => code.toUpperCase();
const words = expect.stringMatching(/^\S.+\.$/s);

/** The region as `failures` names it. */
function failureOf({ code, retryAfter }: Trouble, region: Code) {
  return { region: { code: asGraphQL(region) }, code, message: words, retryAfter: retryAfter ?? null };
}

const someRequestId = expect.stringMatching(/^req-[0-9a-f-]{36}$/);

/** Of the failed call, where an answer came. */
const requestIdOf = ({ status }: Trouble) => (status === undefined ? null : someRequestId);

/** The one error of a field that no region answered. */
function expectAllFailed({ errors }: GraphQLAnswer<unknown>, field: string, trouble: Trouble): void {
  expect(errors).toEqual([
    expect.objectContaining({
      path: [field],
      message: words,
      extensions: {
        code: trouble.code,
        ...(trouble.retryAfter === undefined ? {} : { retryAfter }),
        failures: codes.map((region) => ({
          ...failureOf(trouble, region),
          region: asGraphQL(region),
          requestId: requestIdOf(trouble),
        })),
      },
    }),
  ]);
}

/** What an error says of one region's failure. */
function extensionsOf({ code, status, retryAfter }: Trouble, region: Code) {
  return {
    code,
    region: asGraphQL(region),
    ...(status === undefined ? {} : { upstream: { status, requestId: someRequestId } }),
    ...(retryAfter === undefined ? {} : { retryAfter }),
  };
}

/** Errors of one cause: the first ten, and how many more there are. */
function expectCapped(errors: GraphQLAnswer<unknown>['errors'], count: number, trouble: Trouble, region: Code): void {
  expect(errors?.map(({ extensions }) => extensions)).toEqual(Array(11).fill(extensionsOf(trouble, region)));
  const said = new RegExp(`^${count - 10} more errors? of this cause (is|are) not listed: `);
  expect(errors?.map(({ message }) => said.test(message))).toEqual([...Array(10).fill(false), true]);
}

const globalId = (type: string, region: Code, uuid: string) =>
  Buffer.from(`${type}:${region}:${uuid}`).toString('base64url');
const volumesOf = (region: Code) => simulator.store(region).volumes(alice.tenant);
const newestFirst = (regions: readonly Code[]) =>
  regions
    .flatMap(volumesOf)
    .toSorted((a, b) => (a.created_at < b.created_at ? 1 : -1))
    .map(({ id }) => id);

const failures = 'failures { region { code } code message retryAfter }';

describe('a merged list', () => {
  const query = `query($after: String) {
    volumes(first: 100, after: $after) { nodes { uuid status } pageInfo { hasNextPage endCursor } totalCount ${failures} }
  }`;

  test.each(cells)(title, async ({ trouble, scope: { failing, healthy } }) => {
    await using gateway = await openGateway(trouble);
    const answer = await ask(gateway, [trouble, failing], query);
    if (healthy.length === 0) {
      expect(answer.data).toEqual({ volumes: null });
      expectAllFailed(answer, 'volumes', trouble);
      return;
    }
    expect(answer.errors).toBeUndefined();
    const { nodes, pageInfo, totalCount, ...rest } = answer.data.volumes;
    expect(nodes.map(({ uuid }: { uuid: string }) => uuid)).toEqual(newestFirst(healthy));
    expect(totalCount).toBe(healthy.length * volumesEach);
    expect(rest.failures).toEqual(failing.map((region) => failureOf(trouble, region)));
    expect(pageInfo.hasNextPage).toBe(true);

    // The region keeps its place: once it answers again the walk goes on to its end.
    const { volumes } = await gateway.data(query, { variables: { after: pageInfo.endCursor } });
    expect(volumes.nodes.map(({ uuid }: { uuid: string }) => uuid)).toEqual(newestFirst(failing));
    expect(volumes.failures).toEqual([]);
    expect(volumes.pageInfo.hasNextPage).toBe(false);
  });
});

describe('fields nested in a merged list', () => {
  const query = `{ volumes(first: 100) {
    nodes { uuid region { code } volumeType { name } snapshots { nodes { volumeUuid } } } ${failures}
  } }`;

  test.each(cells)(title, async ({ trouble, scope: { failing, healthy } }) => {
    await using gateway = await openGateway(trouble);
    const { data, errors } = await ask(gateway, [trouble, failing, /\/(types|snapshots)/], query);
    const { nodes } = data.volumes;
    // The list itself was answered by all.
    expect(data.volumes.failures).toEqual([]);
    expect(nodes.map(({ uuid }: { uuid: string }) => uuid)).toEqual(newestFirst(codes));
    for (const { uuid, region, ...nested } of nodes) {
      const isHealthy = healthy.some((code) => asGraphQL(code) === region.code);
      expect(nested).toEqual(
        isHealthy
          ? { volumeType: { name: 'General SSD' }, snapshots: { nodes: [{ volumeUuid: uuid }] } }
          : { volumeType: null, snapshots: null },
      );
    }
    for (const region of failing) {
      const own = errors?.filter(({ extensions }) => extensions?.region === asGraphQL(region));
      for (const field of ['volumeType', 'snapshots']) {
        // What says how many more there are has no place of its own, and stands behind its ten.
        const at = own?.findIndex(({ path }) => path?.at(-1) === field) ?? -1;
        expectCapped(own?.slice(at, at + 11), volumesEach, trouble, region);
      }
    }
    expect(errors).toHaveLength(failing.length * 2 * 11);
  });
});

describe('the summary', () => {
  const query = `{ storageSummary {
    total { count sizeGb } snapshots { count } byRegion { region { code } count sizeGb } byVolumeType { name count } ${failures}
  } }`;

  test.each(cells)(title, async ({ trouble, scope: { failing, healthy } }) => {
    await using gateway = await openGateway(trouble);
    const answer = await ask(gateway, [trouble, failing], query);
    if (healthy.length === 0) {
      expect(answer.data).toEqual({ storageSummary: null });
      expectAllFailed(answer, 'storageSummary', trouble);
      return;
    }
    expect(answer.errors).toBeUndefined();
    const byRegion = healthy.map((code) => ({
      region: { code: asGraphQL(code) },
      count: volumesEach,
      sizeGb: volumesEach * 10 ** codes.indexOf(code),
    }));
    const count = healthy.length * volumesEach;
    expect(answer.data.storageSummary).toEqual({
      total: { count, sizeGb: byRegion.reduce((sum, { sizeGb }) => sum + sizeGb, 0) },
      snapshots: { count },
      byRegion,
      byVolumeType: [{ name: 'General SSD', count }],
      // Once, though its volumes and its snapshots both failed.
      failures: failing.map((region) => failureOf(trouble, region)),
    });
  });
});

describe('objects by their ids', () => {
  const query = 'query($ids: [ID!]!) { nodes(ids: $ids) { id __typename } }';

  test.each(cells)(title, async ({ trouble, scope: { failing } }) => {
    await using gateway = await openGateway(trouble);
    const asked = codes.flatMap((region) => {
      const [volume] = volumesOf(region);
      const [snapshot] = simulator.store(region).snapshots(alice.tenant);
      return [
        { region, __typename: 'Volume', id: globalId('Volume', region, volume?.id ?? '') },
        { region, __typename: 'Snapshot', id: globalId('Snapshot', region, snapshot?.id ?? '') },
      ];
    });
    const ids = asked.map(({ id }) => id);
    const { data, errors = [] } = await ask(gateway, [trouble, failing], query, { ids });
    expect(data.nodes).toEqual(
      asked.map(({ region, id, __typename }) => (failing.includes(region) ? null : { id, __typename })),
    );
    const missed = trouble.saysGone ? [] : asked.filter(({ region }) => failing.includes(region));
    // Errors stand in the order in which they came about.
    expect(errors.map(({ path, extensions }) => ({ path, extensions })).toSorted(byPlace)).toEqual(
      missed.map(({ id, region }) => ({ path: ['nodes', ids.indexOf(id)], extensions: extensionsOf(trouble, region) })),
    );

    const [alone] = failing;
    const one = await ask(gateway, [trouble, failing], 'query($id: ID!) { node(id: $id) { id } }', {
      id: asked.find(({ region }) => region === alone)?.id,
    });
    expect(one.data).toEqual({ node: null });
    expect(one.errors?.map(({ extensions }) => extensions)).toEqual(
      trouble.saysGone || !alone ? undefined : [extensionsOf(trouble, alone)],
    );
  });
});

interface Placed {
  readonly path?: readonly (string | number)[] | undefined;
}

function byPlace({ path: a }: Placed, { path: b }: Placed): number {
  return Number(a?.at(-1)) - Number(b?.at(-1));
}

describe('so many objects by their ids that a list is read', () => {
  const query = 'query($ids: [ID!]!) { nodes(ids: $ids) { id } }';

  test.each(cells)(title, async ({ trouble, scope: { failing } }) => {
    await using gateway = await openGateway(trouble);
    const asked = codes.flatMap((region) =>
      volumesOf(region).map(({ id }) => ({ region, id: globalId('Volume', region, id) })),
    );
    const { data, errors } = await ask(gateway, [trouble, failing], query, { ids: asked.map(({ id }) => id) });
    expect(data.nodes).toEqual(asked.map(({ region, id }) => (failing.includes(region) ? null : { id })));
    for (const region of failing) {
      const own = errors?.filter(({ extensions }) => extensions?.region === asGraphQL(region));
      expectCapped(own, volumesEach, trouble, region);
    }
    expect(errors).toHaveLength(failing.length * 11);
  });
});

describe('a merged list, however its regions fail', () => {
  const query = `{ volumes(first: 100) { nodes { uuid status } ${failures} } }`;

  test('two regions that fail in different ways leave the third whole', async () => {
    await using gateway = await startGateway(simulator.endpoints);
    const lifts = [
      simulator.inject({ kind: 'status', status: 401, region: 'kr1' }),
      simulator.inject({ kind: 'reset', region: 'jp1' }),
    ];
    const { volumes } = await gateway.data(query);
    for (const lift of lifts) lift();
    expect(volumes.nodes.map(({ uuid }: { uuid: string }) => uuid)).toEqual(newestFirst(['kr2']));
    expect(volumes.failures.map(({ region, code }: { region: object; code: string }) => ({ region, code }))).toEqual([
      { region: { code: 'KR1' }, code: 'UNAUTHENTICATED' },
      { region: { code: 'JP1' }, code: 'UPSTREAM_UNAVAILABLE' },
    ]);
  });

  test('all regions that fail in different ways are UPSTREAM_UNAVAILABLE, each with its own code', async () => {
    await using gateway = await startGateway(simulator.endpoints);
    const lifts = [
      simulator.inject({ kind: 'status', status: 401, region: 'kr1' }),
      simulator.inject({ kind: 'status', status: 500, region: 'kr2' }),
      simulator.inject({ kind: 'status', status: 429, region: 'jp1', headers: wait }),
    ];
    const { data, errors } = await gateway.query(query);
    for (const lift of lifts) lift();
    expect(data).toEqual({ volumes: null });
    expect(errors?.map(({ extensions }) => extensions)).toEqual([
      {
        code: 'UPSTREAM_UNAVAILABLE',
        failures: [
          { region: 'KR1', code: 'UNAUTHENTICATED', message: words, requestId: someRequestId, retryAfter: null },
          { region: 'KR2', code: 'UPSTREAM_ERROR', message: words, requestId: someRequestId, retryAfter: null },
          { region: 'JP1', code: 'RATE_LIMITED', message: words, requestId: someRequestId, retryAfter },
        ],
      },
    ]);
  });

  test('a failed list does not fail a look-up beside it, and none of its rows is read singly', async () => {
    await using stack = await startStack();
    const store = stack.simulator.store('kr1');
    const volumes = Array.from({ length: 12 }, () => store.addVolume(alice.tenant));
    for (const { id } of volumes) store.addSnapshot(alice.tenant, { volume_id: id });
    stack.simulator.inject({ kind: 'status', status: 500, path: /\/volumes\/detail/ });
    const { data, errors } = await stack.query(
      `{ alone: volume(id: "${volumes[0]?.id}", region: KR1) { uuid }
         region(code: KR1) { snapshots { nodes { volume { uuid } } } } }`,
    );
    expect(data.alone).toEqual({ uuid: volumes[0]?.id });
    // The row that was looked up is there.
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(Array(11).fill('UPSTREAM_ERROR'));
    expect(stack.calls().filter((call) => /^GET \/volumes\/[0-9a-f]{8}-/.test(call))).toHaveLength(1);
  });

  test('a region that is silent until the request’s own deadline leaves the others whole', async () => {
    await using gateway = await startGateway(simulator.endpoints, { REQUEST_TIMEOUT_MS: '1000' });
    const lift = simulator.inject({ kind: 'hang', region: 'kr2' });
    const { volumes } = await gateway.data(query);
    lift();
    expect(volumes.nodes.map(({ uuid }: { uuid: string }) => uuid)).toEqual(newestFirst(['kr1', 'jp1']));
    expect(volumes.failures).toEqual([
      { region: { code: 'KR2' }, code: 'UPSTREAM_TIMEOUT', message: words, retryAfter: null },
    ]);
  });
});
