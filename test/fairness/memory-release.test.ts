import { expect, test, vi } from 'vitest';
import { startCanned } from '../support/canned.ts';
import { openConnection, requestOf } from '../support/connection.ts';
import { startGateway } from '../support/stack.ts';
import { environment, idle, list, memoryOf, mib, names, startRegion, types, volumesOf } from './memory-stack.ts';

/* Requests over sockets give their memory back, however they end. */

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

test('callers that share a call each read all of its body', async () => {
  await using region = await startRegion(({ path }) => (path.startsWith('/types') ? types : 'hold'));
  await using gateway = await startGateway({ kr1: region.endpoint }, { UPSTREAM_CONCURRENCY: '1' });
  const other = gateway.data('{ region(code: KR1) { volumes(first: 3) { nodes { name } } } }');
  await vi.waitFor(() => expect(region.held).toHaveLength(1));
  const sharing = [gateway.data(list), gateway.data(list)];
  await vi.waitFor(async () => {
    const { text } = await gateway.fetch('/metrics');
    expect(text).toContain('gateway_upstream_waiting{region="kr1"} 1');
    expect(text).toContain('gateway_requests_in_flight 3');
  });
  const [first] = region.held;
  if (first) region.send(first, volumesOf(0.01));
  await other;
  await vi.waitFor(() => expect(region.held).toHaveLength(2));
  const [, second] = region.held;
  if (second) region.send(second, volumesOf(1));
  for (const data of await Promise.all(sharing)) expect(data.region.volumes.nodes).toMatchObject(names);
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
