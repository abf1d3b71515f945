import { expect, test, vi } from 'vitest';
import { startCanned } from '../support/canned.ts';
import { postOf } from '../support/post.ts';
import { bob, startGateway } from '../support/stack.ts';
import {
  asBob,
  environment,
  idle,
  isTypes,
  list,
  listFor,
  listWithTypes,
  memoryOf,
  mib,
  names,
  startKnowing,
  startRegion,
  types,
  volumesOf,
} from './memory-stack.ts';

/* Requests over sockets wait for memory, and are refused if they cannot get it. */

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
  const { status, headers, text } = await gateway.fetch(
    '/graphql',
    postOf(query, { accept: 'application/graphql-response+json' }),
  );
  expect([status, headers.get('retry-after')]).toEqual([503, '1']);
  expect(JSON.parse(text)).toEqual(refused);
  expect(await memoryOf(gateway)).toEqual(idle);
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
