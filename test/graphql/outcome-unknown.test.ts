import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CannedAnswer, startCanned } from '../support/canned.ts';
import { startGateway, startStack } from '../support/stack.ts';
import {
  answerWith,
  create,
  fault,
  gateway,
  html,
  list,
  remove,
  startRegion,
  stopRegion,
  unauthorized,
  upload,
  uuid,
} from './refusals.ts';

/* Writes of which nobody knows whether they were carried out, and regions that give no answer. */

beforeAll(startRegion);
afterAll(stopRegion);

describe('an answer to a write that does not prove that nothing was done has outcomeUnknown', () => {
  const json = (status: number, body: unknown): CannedAnswer => ({ status, body });
  const unreadable = (status: number): CannedAnswer => ({
    status,
    body: '{"badRequest": ',
    headers: { 'content-type': 'application/json' },
  });
  test.each<[string, CannedAnswer, boolean]>([
    ['200 with HTML', html(200, 'Welcome'), true],
    ['301', { status: 301, headers: { location: '/x' }, body: '' }, true],
    ['307', { status: 307, headers: { location: '/x' }, body: '' }, true],
    ['400 badRequest', fault(400, 'badRequest', 'bad'), false],
    ['400 that cannot be read', unreadable(400), true],
    ['401', json(401, unauthorized), false],
    ['401 in HTML', html(401, 'Unauthorized'), false],
    ['403', fault(403, 'forbidden', 'no'), false],
    ['404 itemNotFound', fault(404, 'itemNotFound', 'gone'), false],
    ['404 in HTML', html(404, 'Not Found'), false],
    ['404 that cannot be read', unreadable(404), true],
    ['408', { status: 408, body: '' }, true],
    ['409', fault(409, 'conflictingRequest', 'busy'), false],
    ['413 of a quota', fault(413, 'overLimit', 'VolumeLimitExceeded: Maximum'), false],
    ['413 in HTML', html(413, 'too large'), false],
    ['415', fault(415, 'badMediaType', 'no'), false],
    ['418', html(418, 'teapot'), true],
    ['429', fault(429, 'overLimit', 'slow down'), false],
    ['500', fault(500, 'computeFault', 'x'), true],
    ['502', html(502, 'Bad Gateway'), true],
    ['503', html(503, 'Unavailable'), true],
    ['520', html(520, 'Unknown'), true],
    ['524', html(524, 'Timeout'), true],
  ])('%s', async (_, canned, isUnknown) => {
    answerWith(canned);
    for (const write of [create, remove, upload]) {
      const [error] = (await gateway.query(write)).errors ?? [];
      expect(error?.extensions?.outcomeUnknown ?? false).toBe(isUnknown);
      expect(error?.message.includes('may have been carried out')).toBe(isUnknown);
    }
    const many = `mutation { deleteVolumes(input: { ids: ["${uuid}"], region: KR1 }) { results { error { outcomeUnknown } } } }`;
    expect((await gateway.data(many)).deleteVolumes.results[0].error).toEqual({ outcomeUnknown: isUnknown });
  });
});

describe('when no answer comes', () => {
  test.each([
    ['reset', 'UPSTREAM_UNAVAILABLE'],
    ['halfBody', 'UPSTREAM_UNAVAILABLE'],
    ['hang', 'UPSTREAM_TIMEOUT'],
  ] as const)('%s fails a read with %s, and a write with outcomeUnknown and advice', async (kind, code) => {
    await using stack = await startStack({ environment: { UPSTREAM_TIMEOUT_MS: '200' } });
    stack.simulator.inject({ kind });
    const { errors } = await stack.query(list);
    expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code, region: 'KR1' }]);
    const written = await stack.query(create);
    expect(written.errors?.map(({ extensions }) => extensions)).toEqual([
      { code, region: 'KR1', outcomeUnknown: true },
    ]);
    expect(written.errors?.[0]?.message).toContain('may have been carried out');
    expect(stack.calls().filter((call) => call.startsWith('POST'))).toHaveLength(1);
  });

  test('a region that nobody listens for is UPSTREAM_UNAVAILABLE, and a write to it is known not to be done', async () => {
    const gone = await startCanned(() => ({}));
    await gone[Symbol.asyncDispose]();
    await using gateway = await startGateway({ kr1: gone.endpoint });
    for (const query of [list, create]) {
      const { errors } = await gateway.query(query);
      expect(errors?.map(({ extensions }) => extensions)).toEqual([{ code: 'UPSTREAM_UNAVAILABLE', region: 'KR1' }]);
    }
  });

  test('the deadline of the whole request ends a read of many pages', async () => {
    await using stack = await startStack({
      regions: [{ code: 'kr1', maxLimit: 1 }],
      environment: { REQUEST_TIMEOUT_MS: '300' },
    });
    for (let index = 0; index < 60; index++) stack.simulator.store('kr1').addVolume('6cdebe3eb0094910bc41f1d42ebe4cb7');
    stack.simulator.inject({ kind: 'delay', ms: 20 });
    const { errors } = await stack.query(list);
    expect(errors?.[0]?.extensions).toEqual({ code: 'UPSTREAM_TIMEOUT', region: 'KR1' });
    expect(stack.calls().length).toBeLessThan(50);
  });
});
