import type { ServerResponse } from 'node:http';
import { describe, expect, test } from 'vitest';
import { type CannedAnswer, type CannedRequest, type CannedUpstream, startCanned } from '../support/canned.ts';
import { startGateway } from '../support/stack.ts';

/* Interim responses without a request for them: a client must be able to read them before the final one (RFC 9110, 15.2). */

const list = '{ region(code: KR1) { volumes { nodes { name } } } }';
const create = 'mutation { createVolume(input: { region: KR1, size: 1 }) { volume { name } } }';
const merged = '{ volumes { nodes { name } failures { region { code } code } } }';

const volume = { id: '17975e9d-1533-40db-bd02-2072cd2ccb7f', name: 'one' };
const read = { region: { volumes: { nodes: [{ name: 'one' }] } } };
const answerTo = ({ method }: CannedRequest): CannedAnswer =>
  method === 'POST' ? { status: 202, body: { volume } } : { body: { volumes: [volume] } };

/** A region that says something before each of its answers. */
const startSaying = (say: (response: ServerResponse) => void): Promise<CannedUpstream> =>
  startCanned((request, response) => {
    say(response);
    return answerTo(request);
  });

test.each<[string, (response: ServerResponse) => void]>([
  ['102 Processing', (response) => response.writeProcessing()],
  ['103 Early Hints', (response) => response.writeEarlyHints({ link: '</a>; rel=preload' })],
  [
    'several of them',
    (response) => {
      response.writeProcessing();
      response.writeEarlyHints({ link: '</a>; rel=preload', 'content-encoding': 'gzip', 'retry-after': '9' });
      response.writeProcessing();
    },
  ],
])('%s before an answer is skipped, for a read and for a write', async (_, say) => {
  await using region = await startSaying(say);
  await using gateway = await startGateway({ kr1: region.endpoint });
  expect(await gateway.data(list)).toEqual(read);
  expect(await gateway.data(create)).toEqual({ createVolume: { volume: { name: 'one' } } });
  expect(region.requests.map(({ method }) => method)).toEqual(['GET', 'POST']);
});

/* undici closes a connection on which it reads 100 Continue (nodejs/undici#197), and has no option against it. */
describe('100 Continue before an answer', () => {
  const sayContinue = (response: ServerResponse) => response.writeContinue();

  test('fails a read after three attempts, and a write after one with outcomeUnknown', async () => {
    await using region = await startSaying(sayContinue);
    await using gateway = await startGateway({ kr1: region.endpoint });
    const unavailable = { code: 'UPSTREAM_UNAVAILABLE', region: 'KR1' };
    const codesOf = async (query: string) => (await gateway.query(query)).errors?.map(({ extensions }) => extensions);
    expect(await codesOf(list)).toEqual([unavailable]);
    expect(region.requests.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET']);
    expect(await codesOf(create)).toEqual([{ ...unavailable, outcomeUnknown: true }]);
    expect(region.requests.map(({ method }) => method)).toEqual(['GET', 'GET', 'GET', 'POST']);
  });

  test('harms no other region, however often it comes', async () => {
    await using region = await startSaying(sayContinue);
    await using other = await startCanned(answerTo);
    await using gateway = await startGateway({ kr1: region.endpoint, kr2: other.endpoint });
    const failures = [{ region: { code: 'KR1' }, code: 'UPSTREAM_UNAVAILABLE' }];
    // So often that kr1 is not called any more for a while.
    for (let asked = 0; asked < 10; asked++)
      expect(await gateway.data(merged)).toEqual({ volumes: { nodes: [{ name: 'one' }], failures } });
    expect(await gateway.data('{ regions { code available } }')).toEqual({
      regions: [
        { code: 'KR1', available: false },
        { code: 'KR2', available: true },
      ],
    });
  });
});
