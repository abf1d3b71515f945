import { gzipSync } from 'node:zlib';
import { describe, expect, test, vi } from 'vitest';
import { type CannedAnswer, type CannedRequest, startCanned } from '../support/canned.ts';
import { type GatewayUnderTest, startGateway } from '../support/stack.ts';
import {
  asBob,
  environment,
  idle,
  isTypes,
  list,
  listWithTypes,
  memoryOf,
  mib,
  names,
  startKnowing,
  startRegion,
  types,
  volumesOf,
} from './memory-stack.ts';

/* The memory of a list that a proxy compresses. */

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
