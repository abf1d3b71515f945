import assert from 'node:assert/strict';
import type { ServerResponse } from 'node:http';
import { totalmem } from 'node:os';
import { setImmediate } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { gzipSync } from 'node:zlib';
import fc from 'fast-check';
import { buildSchema, GraphQLError, type GraphQLObjectType, parse, validateExecutionArgs } from 'graphql';
import { afterAll, describe, expect, test, vi } from 'vitest';
import { createPlanner } from '../../src/execution/plan.ts';
import { runPlan } from '../../src/execution/run.ts';
import type { Hold, Kind } from '../../src/fairness/memory.ts';
import { memoryBudget } from '../../src/fairness/memory-budget.ts';
import { createMemory } from '../../src/fairness/memory-shares.ts';
import { decodedBytes } from '../../src/upstream/decoded-bytes.ts';
import { Receiving } from '../../src/upstream/receive.ts';
import { type CannedAnswer, type CannedRequest, startCanned } from '../support/canned.ts';
import { openConnection, requestOf } from '../support/connection.ts';
import { alice, bob, type GatewayUnderTest, startGateway } from '../support/stack.ts';

/* The memory budget: requests wait for memory, are refused if they cannot get it, and give all of it back. */

const mib = 1024 * 1024;
const later = () => ({ deadline: performance.now() + 60_000, signal: new AbortController().signal });

/** What one request does: claims memory in steps, then keeps a part of it until the request is over. */
interface Work {
  readonly owner: number;
  readonly kind: Kind;
  readonly steps: readonly number[];
  readonly kept: number;
  readonly ending: 'close' | 'release' | 'leave';
}

const works = fc.array(
  fc.record({
    owner: fc.nat({ max: 3 }),
    kind: fc.constantFrom<Kind>('bodies', 'rows', 'answers'),
    steps: fc.array(fc.integer({ min: 1, max: 60 }), { minLength: 1, maxLength: 3 }),
    kept: fc.nat({ max: 100 }),
    ending: fc.constantFrom('close', 'release', 'leave'),
  }),
  { minLength: 1, maxLength: 20 },
);

test('every claim is granted or refused, no owner gets more than its share, and all memory is given back', () =>
  fc.assert(
    fc.asyncProperty(works, async (all: readonly Work[]) => {
      vi.useFakeTimers();
      try {
        const memory = createMemory(100);
        const heldBy = new Map<number, number>();
        const run = async ({ owner, kind, steps, kept, ending }: Work) => {
          const account = memory.open(String(owner));
          const hold = account.hold(kind);
          const leaving = new AbortController();
          const count = (bytes: number) => heldBy.set(owner, (heldBy.get(owner) ?? 0) + bytes);
          let own = 0;
          if (ending === 'leave') setTimeout(() => leaving.abort(), 10);
          for (const bytes of steps) {
            if ((await hold.grow(bytes, { ...later(), signal: leaving.signal })) !== null) break;
            own += bytes;
            count(bytes);
            expect(heldBy.get(owner)).toBeLessThanOrEqual(75);
            expect(chargedIn(memory)).toBeLessThanOrEqual(100);
          }
          const less = Math.max(0, own - kept);
          count(-less);
          hold.keep(kept, 'rows');
          await Promise.resolve();
          count(less - own);
          if (ending === 'release') account.release();
          account.close();
        };
        const ended = Promise.all(all.map(run));
        await vi.runAllTimersAsync();
        await ended;
        expect([chargedIn(memory), memory.waiting]).toEqual([0, 0]);
      } finally {
        vi.useRealTimers();
      }
    }),
    { numRuns: 200 },
  ));

function chargedIn({ charged }: ReturnType<typeof createMemory>): number {
  return charged.bodies + charged.rows + charged.answers;
}

const nothingLeft: Record<Kind, number> = { bodies: 0, rows: 0, answers: 0 };

async function holding(memory: ReturnType<typeof createMemory>, owner: string, bytes: number): Promise<Hold> {
  const hold = memory.open(owner).hold('bodies');
  expect(await hold.grow(bytes, later())).toBe(null);
  return hold;
}

test('among new requests the owner that holds least gets memory first, even if another has asked earlier', async () => {
  const memory = createMemory(100);
  const first = await holding(memory, 'rich', 50);
  await holding(memory, 'rich', 10);
  const order: string[] = [];
  const ask = (owner: string) =>
    memory
      .open(owner)
      .hold('bodies')
      .grow(50, later())
      .then(() => void order.push(owner));
  const asked = [ask('rich'), ask('poor')];
  first.keep(10);
  first.keep(0);
  await Promise.all(asked.slice(1));
  expect(order).toEqual(['poor']);
});

test('a request that already holds memory goes before a new one', async () => {
  const memory = createMemory(100);
  const full = await holding(memory, 'other', 50);
  const begun = await holding(memory, 'begun', 35);
  const order: string[] = [];
  const ask = (name: string, hold: Hold) => hold.grow(20, later()).then(() => void order.push(name));
  const asked = [ask('new', memory.open('new').hold('bodies')), ask('begun', begun)];
  // The order in which promises resolve is that of the grants only once their callbacks are registered.
  await setImmediate();
  full.keep(0);
  await Promise.all(asked);
  expect(order).toEqual(['begun', 'new']);
});

test('requests that need more memory than there is are finished one after the other, and none is refused', async () => {
  const memory = createMemory(100);
  const finish = async (owner: string) => {
    const account = memory.open(owner);
    const rows = account.hold('rows');
    const shortages: unknown[] = [];
    for (let page = 0; page < 3; page++) shortages.push(await rows.grow(4, later()));
    shortages.push(await account.hold('answers').grow(2, later()));
    account.close();
    return shortages;
  };
  for (const ownerOf of [() => 'one', String])
    for (const shortages of await Promise.all(Array.from({ length: 40 }, (_, index) => finish(ownerOf(index)))))
      expect(shortages).toEqual([null, null, null, null]);
  expect(memory.charged).toEqual(nothingLeft);
});

test('if two requests wait for each other’s memory, the younger one is refused and the other continues', async () => {
  const memory = createMemory(100);
  const [older, younger] = [memory.open('both'), memory.open('both')];
  const holds = [older.hold('rows'), younger.hold('rows')];
  for (const hold of holds) expect(await hold.grow(30, later())).toBe(null);
  const [first, second] = holds.map((hold) => hold.grow(30, later()));
  expect(await second).toBe('ofCaller');
  younger.close();
  expect(await first).toBe(null);
  older.close();
  expect(memory.charged).toEqual(nothingLeft);
});

test('a claim to more than a share is refused at once, and so is a claim after the deadline', async () => {
  const memory = createMemory(100);
  const hold = memory.open('one').hold('bodies');
  expect(await hold.grow(76, later())).toBe('ofCaller');
  expect(await hold.grow(1, { ...later(), deadline: performance.now() - 1 })).toBe('ofGateway');
});

test('a request that is over is charged for nothing but its answer, until that is sent', async () => {
  const memory = createMemory(100);
  const account = memory.open('one');
  await account.hold('rows').grow(10, later());
  await account.hold('answers').grow(10, later());
  account.release();
  account.count('rows', 5);
  await account.hold('bodies').grow(5, later());
  expect(memory.charged).toEqual({ ...nothingLeft, answers: 10 });
  account.close();
  account.count('answers', 5);
  expect(memory.charged).toEqual(nothingLeft);
});

test('the text of an answer takes little more memory than its characters, however small its pieces were', async () => {
  const schema = buildSchema('type Query { rows: [Row!]! } type Row { size: Int }');
  const rows = Array.from({ length: 100_000 }, (_, size) => ({ size }));
  const args = validateExecutionArgs({ schema, document: parse('{ rows { size } }'), rootValue: { rows } });
  assert.ok('schema' in args);
  const plan = createPlanner()(args, schema.getQueryType() as GraphQLObjectType);
  let taken = 0;
  const characters = 600_000;
  let pausedAt = 0;
  // The text is joined after `pace` has returned, so measure one microtask later.
  const measure = async () => {
    await Promise.resolve();
    taken ||= heap() - before;
  };
  const pace = (written: number) => {
    if (written - pausedAt < characters) return null;
    pausedAt = written;
    return measure();
  };
  const before = heap();
  const tooLarge = () => new GraphQLError('');
  const room = { characters: 2 * characters, promised: 0, tooLarge, tooManyPromised: tooLarge };
  await runPlan(args, plan, room, pace);
  expect(taken).toBeGreaterThan(0.9 * characters);
  expect(taken).toBeLessThan(2.5 * characters);
});

describe('the budget', () => {
  const contained = vi.spyOn(process, 'constrainedMemory');
  afterAll(() => contained.mockRestore());

  test('follows the lowest limit: that of the variable, the container or the machine', () => {
    contained.mockReturnValue(2048 * mib);
    const ofContainer = memoryBudget(null);
    expect(memoryBudget(4096)).toEqual(ofContainer);
    expect(memoryBudget(1024).requests).toBeLessThan(ofContainer.requests);
    contained.mockReturnValue(1024 * mib);
    expect(memoryBudget(null)).toEqual(memoryBudget(1024));
  });

  test('follows the memory of the machine if the container has no limit', () => {
    const unlimited = [0, 2 ** 63, Number.MAX_SAFE_INTEGER].map((said) => {
      contained.mockReturnValue(said);
      return memoryBudget(null);
    });
    contained.mockReturnValue(totalmem());
    for (const budget of unlimited) expect(budget).toEqual(memoryBudget(null));
  });

  test.each([256, 512, 1024, 4096, 65_536])('for %i MiB fits into them with all its parts', (limit) => {
    contained.mockReturnValue(limit * mib);
    const { requests, records, incoming } = memoryBudget(null);
    expect(requests + records + incoming).toBeLessThan(0.85 * limit * mib);
    expect(requests).toBeGreaterThan(4 * Math.max(records, incoming));
    expect(records).toBeLessThanOrEqual(64 * mib);
    expect(incoming).toBeLessThanOrEqual(128 * mib);
  });
});

/* The estimate of the decoded size, compared with the heap of V8. */

setFlagsFromString('--expose-gc');
// V8 puts it there once the flag is set.
const collect = runInNewContext('gc') as () => void;

/** Bytes on the heap that are alive. */
function heap(): number {
  collect();
  return process.memoryUsage().heapUsed;
}

/** Bytes on the heap that a value takes. */
function heapOf(make: () => unknown): number {
  const before = heap();
  const kept = [make()];
  const taken = heap() - before;
  // V8 may free what nothing refers to any more.
  expect(kept).toHaveLength(1);
  return taken;
}

test.each<[string, unknown]>([
  ['rows with long texts', { text: 'x'.repeat(30_000) }],
  ['rows of a few short values', { a: 'short', b: 'values', c: 1, d: [], e: { f: null } }],
  ['rows of nothing but brackets', { metadata: Array.from({ length: 100 }, () => ({})) }],
  [
    'rows of much metadata',
    { metadata: Object.fromEntries(Array.from({ length: 128 }, (_, key) => [`k${key}`, 'v'])) },
  ],
  ['rows of nothing but numbers', { metadata: Array.from({ length: 100 }, () => 7) }],
  // Cinder's texts have 255 characters at most.
  ['texts with a character beyond Latin-1', { metadata: Array.from({ length: 9 }, () => `${'x'.repeat(254)}가`) }],
])('the estimate for %s is not too low', (_, row) => {
  const body = JSON.stringify({ volumes: Array.from({ length: 2_000_000 / JSON.stringify(row).length }, () => row) });
  expect(decodedBytes(Buffer.from(body))).toBeGreaterThan(heapOf(() => JSON.parse(body)) * 0.95);
});

test('the estimate for rows with distinct keys is not too low', () => {
  const metadataOf = (row: number) =>
    Object.fromEntries(Array.from({ length: 20 }, (_, key) => [`key ${key} of ${row}`, `value ${key} of ${row}`]));
  const body = JSON.stringify({ volumes: Array.from({ length: 3000 }, (_, row) => ({ metadata: metadataOf(row) })) });
  expect(decodedBytes(Buffer.from(body))).toBeGreaterThan(heapOf(() => JSON.parse(body)) * 0.95);
});

test('the estimate for rows with long texts is little more than their bytes', () => {
  const body = Buffer.from(
    JSON.stringify({ volumes: Array.from({ length: 100 }, () => ({ text: 'x'.repeat(30_000) })) }),
  );
  expect(decodedBytes(body)).toBeLessThan(1.2 * body.length);
});

test('a body that is given up leaves no claim behind', async () => {
  const memory = createMemory(8 * mib);
  const full = await holding(memory, 'other', 5 * mib);
  const body = new Receiving(memory.open('one'));
  body.expect(2 * mib);
  body.take(Buffer.alloc(300 * 1024, 'x'));
  const paying = body.pay(later());
  expect(memory.waiting).toBe(1);
  body.drop();
  await paying;
  full.keep(0);
  expect([memory.waiting, memory.charged]).toEqual([0, nothingLeft]);
});

/* Over sockets. The smallest limit leaves a budget of 12 MiB, of which one caller may have nine. */

const idle = { ...nothingLeft, waiting: 0 };
const environment = { MEMORY_LIMIT_MIB: '256' };
const list = '{ region(code: KR1) { volumes { nodes { name } pageInfo { hasNextPage } } } }';
const listWithTypes = '{ region(code: KR1) { volumes { nodes { name volumeType { name } } } } }';
const asBob = { headers: { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant } };

/** A list of three volumes, `size` MiB together. Decoding takes as much again. */
function volumesOf(size: number): CannedAnswer {
  const description = 'x'.repeat((size * mib) / 3);
  const volumes = ['a', 'b', 'c'].map((name, index) => ({
    id: `00000000-0000-4000-8000-00000000000${9 - index}`,
    name,
    created_at: `2024-01-0${9 - index}T00:00:00.000000`,
    description,
    volume_type: 'fast',
  }));
  const body = JSON.stringify({ volumes });
  return { headers: { 'content-type': 'application/json', 'content-length': String(body.length) }, body };
}

const isTypes = ({ path }: CannedRequest) => path.startsWith('/types');

/** A gateway that knows these callers: the region has accepted their tokens. */
async function startKnowing(endpoint: string, ...callers: (typeof asBob | undefined)[]): Promise<GatewayUnderTest> {
  const gateway = await startGateway({ kr1: endpoint }, environment);
  for (const caller of callers) await gateway.data('{ region(code: KR1) { snapshots { nodes { id } } } }', caller);
  return gateway;
}

const listFor = ({ path }: CannedRequest, size: number) =>
  path.startsWith('/snapshots') ? { body: { snapshots: [] } } : volumesOf(size);

const names = [{ name: 'a' }, { name: 'b' }, { name: 'c' }];

/** Bytes that are charged by kind, and pieces of work that wait for memory, as the metrics tell. */
async function memoryOf(gateway: GatewayUnderTest) {
  const { text } = await gateway.fetch('/metrics');
  const read = (name: string) => {
    const line = text.split('\n').find((line) => line.startsWith(`gateway_memory_${name} `));
    return Number(line?.split(' ')[1]);
  };
  const ofKind = (kind: Kind) => read(`charged_bytes{kind="${kind}"}`);
  return { bodies: ofKind('bodies'), rows: ofKind('rows'), answers: ofKind('answers'), waiting: read('waiting') };
}

/** An upstream whose answers to some calls are held until the test sends them. */
async function startRegion(answer: (request: CannedRequest) => CannedAnswer | 'hold') {
  const held: { readonly path: string; readonly response: ServerResponse }[] = [];
  const canned = await startCanned((request, response) => {
    const given = answer(request);
    if (given !== 'hold') return given;
    held.push({ path: request.path, response });
    return null;
  });
  const send = ({ response }: { readonly response: ServerResponse }, { headers, body }: CannedAnswer) =>
    response.writeHead(200, headers).end(body);
  return { ...canned, held, send };
}

const types: CannedAnswer = {
  headers: { 'content-type': 'application/json' },
  body: JSON.stringify({ volume_types: [{ id: 'aaaaaaaa-0000-4000-8000-000000000001', name: 'fast' }] }),
};
test('a list waits for memory, and is complete once another request of its caller is over', async () => {
  await using region = await startRegion((request) => (isTypes(request) ? 'hold' : listFor(request, 2.5)));
  await using gateway = await startKnowing(region.endpoint, undefined);
  // It holds the rows while it waits for the types.
  const holding = [gateway.data(listWithTypes), gateway.data(listWithTypes)];
  await vi.waitFor(() => expect(region.held).toHaveLength(2));
  await vi.waitFor(async () => expect((await memoryOf(gateway)).rows).toBeGreaterThan(5 * mib));
  const waiting = gateway.data(list);
  await vi.waitFor(async () => expect((await memoryOf(gateway)).waiting).toBe(1));
  for (const held of region.held) region.send(held, types);
  for (const { region: answered } of await Promise.all([...holding, waiting]))
    expect(answered.volumes.nodes).toMatchObject(names);
  await vi.waitFor(async () => expect(await memoryOf(gateway)).toEqual(idle));
});

test('another caller’s list is read while one caller has used up its share', async () => {
  await using region = await startRegion((request) => {
    if (isTypes(request)) return request.tenant === bob.tenant ? types : 'hold';
    return listFor(request, request.tenant === bob.tenant ? 1 : 2.5);
  });
  await using gateway = await startKnowing(region.endpoint, undefined, asBob);
  const holding = [gateway.data(listWithTypes), gateway.data(listWithTypes)];
  await vi.waitFor(() => expect(region.held).toHaveLength(2));
  await vi.waitFor(async () => expect((await memoryOf(gateway)).rows).toBeGreaterThan(5 * mib));
  const waiting = gateway.data(list);
  await vi.waitFor(async () => expect((await memoryOf(gateway)).waiting).toBe(1));
  expect((await gateway.data(listWithTypes, asBob)).region.volumes.nodes).toMatchObject(names);
  expect(await memoryOf(gateway)).toMatchObject({ waiting: 1 });
  for (const held of region.held) region.send(held, types);
  await Promise.all([...holding, waiting]);
});

test('a list larger than a caller’s share is refused, and the message says so', async () => {
  await using region = await startRegion(() => volumesOf(8));
  await using gateway = await startGateway({ kr1: region.endpoint }, environment);
  const { data, errors } = await gateway.query(list);
  expect(data).toEqual({ region: { volumes: null } });
  expect(errors).toMatchObject([
    {
      message: expect.stringContaining('your requests hold all the memory that one caller may have'),
      extensions: { code: 'OVERLOADED', region: 'KR1', retryAfter: 1 },
    },
  ]);
  expect(await memoryOf(gateway)).toEqual(idle);
});

test('refusals for lack of memory do not open a circuit', async () => {
  await using region = await startRegion(() => volumesOf(8));
  await using gateway = await startGateway({ kr1: region.endpoint }, environment);
  // A circuit opens after twenty failures.
  for (let time = 0; time < 25; time++) {
    const { errors } = await gateway.query(list);
    expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['OVERLOADED']);
  }
  expect(await gateway.data('{ region(code: KR1) { available } }')).toEqual({ region: { available: true } });
});

test('a merged list is refused, not shortened, if the rows of one region do not fit into memory', async () => {
  await using small = await startRegion(() => volumesOf(0.01));
  await using large = await startRegion(() => volumesOf(8));
  await using gateway = await startGateway({ kr1: small.endpoint, kr2: large.endpoint }, environment);
  const { data, errors } = await gateway.query(
    '{ volumes { nodes { name } failures { code } } counted: volumes(first: 0) { totalCount } storageSummary { total { count } } }',
  );
  expect(data).toEqual({ volumes: null, counted: null, storageSummary: null });
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['OVERLOADED', 'OVERLOADED', 'OVERLOADED']);
});

test('a total is refused, not too low, if a later page does not fit into memory', async () => {
  await using region = await startRegion(({ path }) => {
    if (path.includes('marker')) return volumesOf(8);
    const { headers, body } = volumesOf(0.01);
    const next = { rel: 'next', href: 'http://x/?marker=00000000-0000-4000-8000-000000000007' };
    const page = { ...JSON.parse(String(body)), volumes_links: [next] };
    return {
      headers: { ...headers, 'content-length': String(JSON.stringify(page).length) },
      body: JSON.stringify(page),
    };
  });
  await using gateway = await startGateway({ kr1: region.endpoint }, environment);
  const { data, errors } = await gateway.query('{ volumes(first: 1) { totalCount nodes { name } } }');
  expect(data).toEqual({ volumes: { totalCount: null, nodes: [{ name: 'a' }] } });
  expect(errors).toMatchObject([
    { path: ['volumes', 'totalCount'], extensions: { code: 'OVERLOADED', retryAfter: 1 } },
  ]);
});

test('a region that never stops sending is cut off', async () => {
  const closed = Promise.withResolvers<void>();
  await using region = await startCanned((_, response) => {
    response.on('close', () => closed.resolve());
    response.writeHead(200, { 'content-type': 'application/json' });
    response.write('{"volumes": [');
    const row = ` {"id": "00000000-0000-4000-8000-000000000001", "name": "${'x'.repeat(10_000)}"},`;
    const go = () => {
      while (!response.destroyed && response.write(row));
      response.once('drain', go);
    };
    go();
    return null;
  });
  await using gateway = await startGateway({ kr1: region.endpoint }, environment);
  const { errors } = await gateway.query(list);
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['OVERLOADED']);
  await closed.promise;
  expect(await memoryOf(gateway)).toEqual(idle);
});

test('an answer that does not fit into memory is refused as a whole, with 503 if its type allows', async () => {
  await using region = await startRegion(() => volumesOf(1));
  await using gateway = await startGateway({ kr1: region.endpoint }, environment);
  const aliases = Array.from({ length: 4 }, (_, index) => `d${index}: description`);
  const query = `{ region(code: KR1) { name volumes { nodes { ${aliases.join(' ')} } } } }`;
  const refused = {
    errors: [
      {
        message: expect.stringContaining('The answer was not written: your requests hold all the memory'),
        extensions: { code: 'OVERLOADED', retryAfter: 1 },
      },
    ],
  };
  expect(await gateway.query(query)).toEqual(refused);
  const { status, headers, text } = await gateway.fetch('/graphql', {
    method: 'POST',
    headers: {
      'content-type': 'application/json',
      accept: 'application/graphql-response+json',
      'x-auth-token': alice.token,
      'x-tenant-id': alice.tenant,
    },
    body: JSON.stringify({ query }),
  });
  expect([status, headers.get('retry-after')]).toEqual([503, '1']);
  expect(JSON.parse(text)).toEqual(refused);
  expect(await memoryOf(gateway)).toEqual(idle);
});

test('all memory is given back when the client leaves or the region breaks off in the middle of a list', async () => {
  await using region = await startRegion(() => 'hold');
  await using gateway = await startGateway({ kr1: region.endpoint }, environment);
  const { body, headers = {} } = volumesOf(3);
  const leaving = new AbortController();
  const begin = async (answers: number) => {
    await vi.waitFor(() => expect(region.held).toHaveLength(answers));
    const { response } = region.held.at(-1) ?? {};
    response?.writeHead(200, headers).write(String(body).slice(0, mib));
    await vi.waitFor(async () => expect((await memoryOf(gateway)).bodies).toBeGreaterThan(3 * mib));
    return response;
  };
  const left = gateway.query(list, { signal: leaving.signal });
  await begin(1);
  leaving.abort();
  await expect(left).rejects.toThrow();
  await vi.waitFor(async () => expect(await memoryOf(gateway)).toEqual(idle));
  // The retry layer repeats the broken call twice.
  const broken = gateway.query(list);
  for (const answers of [2, 3, 4]) (await begin(answers))?.destroy();
  expect((await broken).errors?.map(({ extensions }) => extensions?.code)).toEqual(['UPSTREAM_UNAVAILABLE']);
  await vi.waitFor(async () => expect(await memoryOf(gateway)).toEqual(idle));
});

test('an answer holds memory until its reader has received it or has left', async () => {
  await using region = await startRegion(() => volumesOf(3));
  await using gateway = await startGateway({ kr1: region.endpoint }, { MEMORY_LIMIT_MIB: '512' });
  using reader = openConnection(Number(new URL(gateway.url).port));
  reader.socket.pause();
  // More than the system takes in for a reader.
  const fields = Array.from({ length: 5 }, (_, index) => `d${index}: description`);
  await reader.send(requestOf(`{ region(code: KR1) { volumes { nodes { ${fields.join(' ')} } } } }`));
  await vi.waitFor(() => expect(gateway.log.join('')).toContain('"status":200'));
  // The answer is held, and nothing else.
  await vi.waitFor(async () => expect(await memoryOf(gateway)).toMatchObject({ bodies: 0, rows: 0, waiting: 0 }));
  expect((await memoryOf(gateway)).answers).toBeGreaterThan(15 * mib);
  reader.socket.destroy();
  await vi.waitFor(async () => expect(await memoryOf(gateway)).toEqual(idle));
});

test('requests that need more memory together than there is are all answered, with few calls to the region at once', async () => {
  await using region = await startRegion(({ path }) => {
    const { headers = {}, body } = volumesOf(1);
    if (path.includes('marker'))
      return { headers, body: String(body).replaceAll('-00000000000', '-10000000000').replaceAll('"2024', '"2023') };
    const next = { rel: 'next', href: 'http://x/?marker=00000000-0000-4000-8000-000000000007' };
    const page = `${String(body).slice(0, -1)},"volumes_links":${JSON.stringify([next])}}`;
    return { headers: { ...headers, 'content-length': String(page.length) }, body: page };
  });
  await using gateway = await startGateway({ kr1: region.endpoint }, { ...environment, UPSTREAM_CONCURRENCY: '4' });
  const requests = Array.from({ length: 12 }, (_, index) =>
    gateway.data(`{ region(code: KR1) { volumes(first: 6) { nodes { name } } v${index}: name } }`),
  );
  for (const { region: answered } of await Promise.all(requests))
    expect(answered.volumes.nodes).toEqual([...names, ...names]);
  await vi.waitFor(async () => expect(await memoryOf(gateway)).toEqual(idle));
});

test('a shared call goes on, and is charged, when the caller that began it has left', async () => {
  await using region = await startRegion(({ path }) => (path.startsWith('/types') ? types : 'hold'));
  await using gateway = await startGateway({ kr1: region.endpoint }, { UPSTREAM_CONCURRENCY: '1' });
  const other = gateway.data('{ region(code: KR1) { volumes(first: 3) { nodes { name } } } }');
  await vi.waitFor(() => expect(region.held).toHaveLength(1));
  const leaving = new AbortController();
  const left = gateway.query(list, { signal: leaving.signal });
  const shared = gateway.data(list);
  const waiting = async () =>
    (await gateway.fetch('/metrics')).text.includes('gateway_upstream_waiting{region="kr1"} 1');
  await vi.waitFor(async () => expect(await waiting()).toBe(true));
  await vi.waitFor(async () =>
    expect((await gateway.fetch('/metrics')).text).toContain('gateway_requests_in_flight 3'),
  );
  leaving.abort();
  await expect(left).rejects.toThrow();
  const [first] = region.held;
  if (first) region.send(first, volumesOf(0.01));
  await other;
  await vi.waitFor(() => expect(region.held).toHaveLength(2));
  const { headers = {}, body } = volumesOf(3);
  const second = region.held[1]?.response;
  second?.writeHead(200, headers).write(String(body).slice(0, mib));
  await vi.waitFor(async () => expect((await memoryOf(gateway)).bodies).toBeGreaterThan(5 * mib));
  second?.end(String(body).slice(mib));
  expect((await shared).region.volumes.nodes).toMatchObject(names);
  await vi.waitFor(async () => expect(await memoryOf(gateway)).toEqual(idle));
});

test('an interim response with a length is ignored', async () => {
  const { headers = {}, body } = volumesOf(1);
  await using region = await startCanned((_, response) => {
    response.socket?.write('HTTP/1.1 103 Early Hints\r\nContent-Length: 0\r\n\r\n');
    response.writeHead(200, { 'content-type': headers['content-type'] }).end(body);
    return null;
  });
  await using gateway = await startGateway({ kr1: region.endpoint });
  expect((await gateway.data(list)).region.volumes.nodes).toMatchObject(names);
});

test('a response that is retried gives its memory back', async () => {
  let calls = 0;
  await using region = await startCanned((_, response) => {
    const { headers, body } = volumesOf(2);
    response.writeHead(++calls < 3 ? 503 : 200, headers).end(body);
    return null;
  });
  await using gateway = await startGateway({ kr1: region.endpoint }, environment);
  expect((await gateway.data(list)).region.volumes.nodes).toMatchObject(names);
  expect(calls).toBe(3);
});

describe('a list that a proxy compresses', () => {
  const compressed = ({ body }: CannedAnswer): CannedAnswer => ({
    headers: { 'content-type': 'application/json', 'content-encoding': 'gzip' },
    body: gzipSync(String(body)),
  });

  /** Two requests of alice's that hold the rows of their lists until the region sends the types, and so most of her share. */
  async function startFull(answer: (request: CannedRequest, isFull: boolean) => CannedAnswer | 'hold') {
    let isFull = false;
    const region = await startRegion((request) => {
      if (isTypes(request)) return 'hold';
      return isFull || request.path.startsWith('/snapshots') ? answer(request, isFull) : volumesOf(2.5);
    });
    const gateway = await startKnowing(region.endpoint, undefined, asBob);
    const holding = [gateway.data(listWithTypes), gateway.data(listWithTypes)];
    await vi.waitFor(() => expect(region.held).toHaveLength(2));
    await vi.waitFor(async () => expect((await memoryOf(gateway)).rows).toBeGreaterThan(5 * mib));
    isFull = true;
    return {
      region,
      gateway,
      async release() {
        for (const held of region.held.filter(({ path }) => path.startsWith('/types'))) region.send(held, types);
        await Promise.all(holding);
      },
      async [Symbol.asyncDispose]() {
        await gateway[Symbol.asyncDispose]();
        await region[Symbol.asyncDispose]();
      },
    };
  }

  const noSnapshots: CannedAnswer = { body: { snapshots: [] } };
  const whole = compressed(volumesOf(1.5));
  const waitsForMemory = (gateway: GatewayUnderTest, count: number) =>
    vi.waitFor(async () => expect((await memoryOf(gateway)).waiting).toBe(count));

  test('is read to its end, and gives its memory back', async () => {
    const volumes = Array.from({ length: 1000 }, (_, index) => ({
      id: `00000000-0000-4000-8000-${String(index).padStart(12, '0')}`,
      name: `volume ${index}`,
      description: 'x'.repeat(1000),
    }));
    await using region = await startCanned(() => compressed({ body: JSON.stringify({ volumes }) }));
    await using gateway = await startGateway({ kr1: region.endpoint }, environment);
    const { region: answered } = await gateway.data(
      '{ region(code: KR1) { volumes(first: 1000) { nodes { name } } } }',
    );
    expect(answered.volumes.nodes).toEqual(volumes.map(({ name }) => ({ name })));
    await vi.waitFor(async () => expect(await memoryOf(gateway)).toEqual(idle));
  });

  test('waits for memory while it is decompressed, and is complete once there is some', async () => {
    await using full = await startFull((_, isFull) => (isFull ? whole : noSnapshots));
    const waiting = full.gateway.data(list);
    await waitsForMemory(full.gateway, 1);
    await full.release();
    expect((await waiting).region.volumes.nodes).toMatchObject(names);
    await vi.waitFor(async () => expect(await memoryOf(full.gateway)).toEqual(idle));
  });

  test('is given up when its client leaves while it waits for memory', async () => {
    await using full = await startFull((_, isFull) => (isFull ? whole : noSnapshots));
    const leaving = new AbortController();
    const left = full.gateway.query(list, { signal: leaving.signal });
    await waitsForMemory(full.gateway, 1);
    leaving.abort();
    await expect(left).rejects.toThrow();
    await waitsForMemory(full.gateway, 0);
    await full.release();
    await vi.waitFor(async () => expect(await memoryOf(full.gateway)).toEqual(idle));
  });

  test('is given up when its client leaves before the region has sent all of it', async () => {
    await using region = await startRegion(() => 'hold');
    await using gateway = await startGateway({ kr1: region.endpoint }, environment);
    const leaving = new AbortController();
    const left = gateway.query(list, { signal: leaving.signal });
    await vi.waitFor(() => expect(region.held).toHaveLength(1));
    const { response } = region.held[0] ?? {};
    const closed = new Promise((resolve) => response?.once('close', resolve));
    const body = gzipSync(String(volumesOf(3).body), { level: 0 });
    response?.writeHead(200, whole.headers).write(body.subarray(0, mib));
    await vi.waitFor(async () => expect((await memoryOf(gateway)).bodies).toBeGreaterThan(mib));
    leaving.abort();
    await expect(left).rejects.toThrow();
    await closed;
    await vi.waitFor(async () => expect(await memoryOf(gateway)).toEqual(idle));
  });

  test('is refused when it decompresses to more than a caller’s share, and its connection is closed', async () => {
    await using region = await startRegion(() => 'hold');
    await using gateway = await startGateway({ kr1: region.endpoint }, environment);
    const refused = gateway.query(list);
    await vi.waitFor(() => expect(region.held).toHaveLength(1));
    const { response } = region.held[0] ?? {};
    const closed = new Promise((resolve) => response?.once('close', resolve));
    // Never ended: only the gateway can close it.
    response?.writeHead(200, whole.headers).write(gzipSync(Buffer.alloc(30 * mib, ' ')));
    expect((await refused).errors?.map(({ extensions }) => extensions?.code)).toEqual(['OVERLOADED']);
    await closed;
    await vi.waitFor(async () => expect(await memoryOf(gateway)).toEqual(idle));
  });

  test('closes no connection that was opened after its own, if it may belong to another call', async () => {
    const crossed = compressed({ body: String(volumesOf(1.5).body).replace('"volumes"', '"snapshots"') });
    await using full = await startFull(({ method }, isFull) => {
      if (method === 'POST') return 'hold';
      return isFull ? { ...crossed, headers: { ...crossed.headers, connection: 'close' } } : noSnapshots;
    });
    const { gateway, region } = full;
    const odd = gateway.query(list);
    await waitsForMemory(gateway, 1);
    // The other connections are busy, so this call takes the place of the one that was closed behind the odd answer.
    const create = 'mutation { createVolume(input: { region: KR1, size: 1 }) { volume { id } } }';
    const written = gateway.query(create, asBob);
    await vi.waitFor(() => expect(region.held).toHaveLength(3));
    await full.release();
    expect((await odd).errors?.map(({ extensions }) => extensions?.code)).toEqual(['UPSTREAM_ERROR']);
    const held = region.held[2];
    if (held) region.send(held, { headers: types.headers ?? {}, body: volumeOfBob });
    expect((await written).errors).toBeUndefined();
  });
});

const volumeOfBob = JSON.stringify({ volume: { id: '00000000-0000-4000-8000-000000000001', status: 'creating' } });
