import { brotliCompressSync, deflateSync, gzipSync, zstdCompressSync } from 'node:zlib';
import { describe, expect, test } from 'vitest';
import { type CannedAnswer, startCanned } from '../support/canned.ts';
import { startGateway } from '../support/stack.ts';

/* What a proxy before a region compresses, though the gateway asks for nothing compressed. */

const uuid = '17975e9d-1533-40db-bd02-2072cd2ccb7f';
const list = '{ region(code: KR1) { volumes { nodes { name } } } }';
const create = 'mutation { createVolume(input: { region: KR1, size: 1 }) { volume { name } } }';
const remove = `mutation { deleteVolume(input: { id: "${uuid}", region: KR1 }) { deletedVolumeId } }`;
const mib = 1024 * 1024;

const volumes = JSON.stringify({ volumes: [{ id: uuid, name: 'one' }] });
const read = { region: { volumes: { nodes: [{ name: 'one' }] } } };

/** A JSON answer as a proxy passes it on that has compressed it. */
function encoded(coding: string, body: string | Buffer, answer: CannedAnswer = {}): CannedAnswer {
  const headers = { 'content-type': 'application/json', 'content-encoding': coding, ...answer.headers };
  return { ...answer, headers, body: typeof body === 'string' ? Buffer.from(body) : body };
}

/** A region that gives this answer to all it is asked, and a gateway over it. */
async function startOver(answer: () => CannedAnswer, environment: Record<string, string> = {}) {
  const region = await startCanned(answer);
  const gateway = await startGateway({ kr1: region.endpoint }, environment);
  return {
    gateway,
    region,
    /** The extensions of the one error of a query. */
    async refusalOf(query: string) {
      const { errors } = await gateway.query(query);
      expect(errors).toHaveLength(1);
      return errors?.[0]?.extensions;
    },
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await region[Symbol.asyncDispose]();
    },
  };
}

const compressors: Record<string, (body: string) => Buffer> = {
  gzip: gzipSync,
  'x-gzip': gzipSync,
  GZip: gzipSync,
  deflate: deflateSync,
  br: brotliCompressSync,
  zstd: zstdCompressSync,
  'br, gzip': (body) => gzipSync(brotliCompressSync(body)),
  'gzip,gzip, deflate': (body) => deflateSync(gzipSync(gzipSync(body))),
};

describe.each(Object.entries(compressors))('with Content-Encoding: %s', (coding, compress) => {
  test('a list, a creation and a refusal are read as if nothing was compressed', async () => {
    let answer = encoded(coding, compress(volumes));
    await using over = await startOver(() => answer);
    expect(await over.gateway.data(list)).toEqual(read);
    answer = encoded(coding, compress(JSON.stringify({ volume: { id: uuid, name: 'new' } })), { status: 202 });
    expect(await over.gateway.data(create)).toEqual({ createVolume: { volume: { name: 'new' } } });
    const message = "VolumeLimitExceeded: Maximum number of volumes allowed (2) exceeded for quota 'volumes'.";
    answer = encoded(coding, compress(JSON.stringify({ overLimit: { code: 413, message } })), { status: 413 });
    expect(await over.refusalOf(create)).toMatchObject({ code: 'QUOTA_EXCEEDED', upstream: { status: 413 } });
  });

  test.each<[string, (body: Buffer) => Buffer]>([
    ['that is cut short', (body) => body.subarray(0, body.length - 3)],
    ['that is not compressed at all', () => Buffer.from(volumes)],
    ['that begins wrong', (body) => Buffer.concat([Buffer.from('<!--'), body])],
  ])('a body %s fails its call alone, with the status of the answer', async (_, spoil) => {
    const spoiled = spoil(compress(volumes));
    let status = 200;
    await using over = await startOver(() => encoded(coding, spoiled, { status }));
    const upstream = { status: 200, requestId: 'req-canned' };
    // A circuit opens after twenty failures.
    for (let asked = 1; asked <= 25; asked++) {
      expect(await over.refusalOf(list)).toEqual({ code: 'UPSTREAM_ERROR', region: 'KR1', upstream });
      expect(over.region.requests).toHaveLength(asked);
    }
    expect(await over.gateway.data('{ region(code: KR1) { available } }')).toEqual({ region: { available: true } });
    expect(await over.refusalOf(create)).toMatchObject({ code: 'UPSTREAM_ERROR', outcomeUnknown: true });
    status = 401;
    expect(await over.refusalOf(list)).toMatchObject({ code: 'UNAUTHENTICATED', upstream: { status: 401 } });
  });

  test('an empty answer to a deletion is not decompressed', async () => {
    await using over = await startOver(() => encoded(coding, '', { status: 202 }));
    const { deleteVolume } = await over.gateway.data(remove);
    expect(deleteVolume.deletedVolumeId).toEqual(expect.any(String));
  });
});

test('every call asks for a response without compression', async () => {
  await using over = await startOver(() => ({ body: { volumes: [] } }));
  for (const query of [list, create, remove]) await over.gateway.query(query);
  const asked = over.region.requests.map(({ method, headers }) => [method, headers['accept-encoding']]);
  expect(asked).toEqual([
    ['GET', 'identity'],
    ['POST', 'identity'],
    ['DELETE', 'identity'],
  ]);
});

test.each([
  ['an unknown coding', 'lzma'],
  ['a known coding on top of an unknown one', 'lzma, gzip'],
  ['more codings than are decoded', 'gzip, gzip, gzip, gzip, gzip, gzip'],
])('%s fails its call as JSON that cannot be read', async (_, coding) => {
  await using over = await startOver(() => encoded(coding, gzipSync(volumes)));
  const { errors } = await over.gateway.query(list);
  expect(errors?.map(({ message }) => message)).toEqual([
    'Region KR1 answered 200 with JSON that cannot be read. Try again later.',
  ]);
  expect(over.region.requests).toHaveLength(1);
});

test('Content-Encoding: identity says that nothing is compressed', async () => {
  await using over = await startOver(() => encoded('identity', volumes));
  expect(await over.gateway.data(list)).toEqual(read);
});

test.each<[string, (body: Buffer) => Buffer]>([
  ['gzip', gzipSync],
  ['br', brotliCompressSync],
  ['zstd', zstdCompressSync],
  ['gzip, gzip', (body) => gzipSync(gzipSync(body))],
])('a few KiB of %s that decompress to more than the gateway reads are refused', async (coding, compress) => {
  const bomb = compress(Buffer.alloc(33 * mib, ' '));
  expect(bomb.length).toBeLessThan(mib / 16);
  await using over = await startOver(() => encoded(coding, bomb));
  const { errors } = await over.gateway.query(list);
  expect(errors?.map(({ message }) => message)).toEqual([
    'Region KR1 answered more than the gateway reads. Ask for fewer rows at once.',
  ]);
  expect(over.region.requests).toHaveLength(1);
});

test('a body that turns out to be corrupt is not read any further', async () => {
  const closed = Promise.withResolvers<void>();
  await using region = await startCanned((_, response) => {
    response.on('close', () => closed.resolve());
    response.writeHead(200, { 'content-type': 'application/json', 'content-encoding': 'gzip' });
    // Never ended: only the gateway can close it.
    response.write(volumes);
    return null;
  });
  await using gateway = await startGateway({ kr1: region.endpoint });
  const { errors } = await gateway.query(list);
  expect(errors?.map(({ extensions }) => extensions?.code)).toEqual(['UPSTREAM_ERROR']);
  await closed.promise;
});
