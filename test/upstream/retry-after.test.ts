import { describe, expect, test, vi } from 'vitest';
import { type CannedAnswer, type CannedRequest, startCanned } from '../support/canned.ts';
import { alice, bob, startGateway } from '../support/stack.ts';

/* What `Retry-After` of a region means to a read, to a write and to those who read the error. */

const list = '{ region(code: KR1) { volumes { nodes { name } } } }';
const create = 'mutation { createVolume(input: { region: KR1, size: 1 }) { volume { name } } }';
const asBob = { headers: { 'x-auth-token': bob.token, 'x-tenant-id': bob.tenant } };
const empty = { region: { volumes: { nodes: [] } } };
const day = 86_400;
const noVolumes: CannedAnswer = { body: { volumes: [] } };

/** Reads are repeated after these. */
const passing = [413, 429, 502, 503, 504];
const others = [500, 501, 507, 599];

function refusing(status: number, headers: Record<string, string>): CannedAnswer {
  return { status, headers, body: { fault: { code: status, message: 'Come again.' } } };
}

/** A region with a clock of its own, or none, and a gateway over it. */
async function startOver(answer: (request: CannedRequest, count: number) => CannedAnswer, environment = {}) {
  /** When each request came. */
  const times: number[] = [];
  const region = await startCanned((request, response) => {
    times.push(performance.now());
    response.sendDate = false;
    return answer(request, times.length);
  });
  const gateway = await startGateway({ kr1: region.endpoint }, environment);
  return {
    region,
    gateway,
    times,
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await region[Symbol.asyncDispose]();
    },
  };
}

/** The seconds that the caller is told, and how often the region was asked. */
async function outcomeOf(answer: CannedAnswer, query = list) {
  await using over = await startOver(() => answer);
  const { errors } = await over.gateway.query(query);
  expect(errors).toHaveLength(1);
  return { told: errors?.[0]?.extensions?.retryAfter ?? null, asked: over.times.length };
}

describe('a read', () => {
  test('waits as long as the region asks after a status that passes, and then has its answer', async () => {
    await Promise.all(
      passing.map(async (status) => {
        await using over = await startOver((_, count) =>
          count === 1 ? refusing(status, { 'retry-after': '1' }) : noVolumes,
        );
        expect(await over.gateway.data(list)).toEqual(empty);
        const [first = 0, second = 0] = over.times;
        expect([status, over.times.length]).toEqual([status, 2]);
        // A timer may fire a millisecond early.
        expect(second - first).toBeGreaterThan(998);
      }),
    );
  });

  test.each(others)('is not repeated after a %i, and the error says when to come again', async (status) => {
    expect(await outcomeOf(refusing(status, { 'retry-after': '1' }))).toEqual({ told: 1, asked: 1 });
  });

  test.each(passing)(
    'does not wait beyond its deadline: a %i fails it at once, and says when to come again',
    async (status) => {
      expect(await outcomeOf(refusing(status, { 'retry-after': '60' }))).toEqual({ told: 60, asked: 1 });
    },
  );

  test('asks no more than three times', async () => {
    await using over = await startOver(() => refusing(503, { 'retry-after': '1' }));
    const { errors } = await over.gateway.query(list);
    expect(errors?.map(({ extensions }) => extensions)).toEqual([
      {
        code: 'UPSTREAM_UNAVAILABLE',
        region: 'KR1',
        retryAfter: 1,
        upstream: { status: 503, requestId: 'req-canned' },
      },
    ]);
    expect(over.times).toHaveLength(3);
  });

  test('leaves its place at the region to others while it waits', async () => {
    await using over = await startOver(
      ({ tenant }, count) =>
        tenant === alice.tenant && count === 1 ? refusing(503, { 'retry-after': '1' }) : noVolumes,
      { UPSTREAM_CONCURRENCY: '1' },
    );
    const waiting = over.gateway.data(list);
    await vi.waitFor(() => expect(over.times).toHaveLength(1));
    expect(await over.gateway.data(list, asBob)).toEqual(empty);
    expect(await waiting).toEqual(empty);
    expect(over.region.requests.map(({ tenant }) => tenant)).toEqual([alice.tenant, bob.tenant, alice.tenant]);
  });

  test('ends when its client leaves while it waits', async () => {
    await using over = await startOver(() => refusing(503, { 'retry-after': '2' }));
    const leaving = new AbortController();
    const left = over.gateway.query(list, { signal: leaving.signal });
    await vi.waitFor(() => expect(over.times).toHaveLength(1));
    leaving.abort();
    await expect(left).rejects.toThrow();
    await vi.waitFor(() => expect(over.gateway.log.join('')).toContain('"status":499'));
    expect(over.times).toHaveLength(1);
  });
});

test('a write is sent once, and its error says when to come again', async () => {
  expect(await outcomeOf(refusing(503, { 'retry-after': '1' }), create)).toEqual({ told: 1, asked: 1 });
});

describe('a date', () => {
  /** A minute after `date`. */
  const forms = ['Sun, 06 Nov 1994 08:50:37 GMT', 'Sunday, 06-Nov-94 08:50:37 GMT', 'Sun Nov  6 08:50:37 1994'];

  test.each(forms)(
    'counts from the Date of the same response, whatever the gateway’s clock says: %s',
    async (until) => {
      for (const date of [
        'Sun, 06 Nov 1994 08:49:37 GMT',
        'Sunday, 06-Nov-94 08:49:37 GMT',
        'Sun Nov  6 08:49:37 1994',
      ])
        expect(await outcomeOf(refusing(503, { date, 'retry-after': until }))).toEqual({ told: 60, asked: 1 });
    },
  );

  test.each<[string, Record<string, string>]>([
    ['no Date', {}],
    ['a Date that is none', { date: 'yesterday' }],
  ])('counts from the gateway’s clock in a response with %s', async (_, headers) => {
    const until = new Date(Date.now() + 60_000).toUTCString();
    const { told, asked } = await outcomeOf(refusing(503, { ...headers, 'retry-after': until }));
    // The date has whole seconds, and some may pass before it is read.
    expect(told).toBeGreaterThan(30);
    expect(told).toBeLessThanOrEqual(60);
    expect(asked).toBe(1);
  });

  test('of two digits may be up to 50 years ahead', async () => {
    const year = new Date().getUTCFullYear();
    const told = async (ahead: number) => {
      const until = `Sunday, 06-Nov-${String((year + ahead) % 100).padStart(2, '0')} 08:49:37 GMT`;
      return (await outcomeOf(refusing(500, { date: `Sun, 06 Nov ${year} 08:49:37 GMT`, 'retry-after': until }))).told;
    };
    expect(await told(1)).toBe(day);
    expect(await told(49)).toBe(day);
    expect(await told(51)).toBeNull();
  });

  test('that is waited for within the deadline is one of the region’s clock', async () => {
    const headers = { date: 'Sun, 06 Nov 1994 08:49:37 GMT', 'retry-after': 'Sun, 06 Nov 1994 08:49:38 GMT' };
    await using over = await startOver((_, count) => (count === 1 ? refusing(503, headers) : noVolumes));
    expect(await over.gateway.data(list)).toEqual(empty);
    const [first = 0, second = 0] = over.times;
    expect(second - first).toBeGreaterThan(998);
  });
});

describe('what asks for no time', () => {
  const date = 'Sun, 06 Nov 1994 08:49:37 GMT';
  const values = {
    zero: '0',
    'a negative number': '-1',
    'a number with a sign': '+5',
    'a number with an exponent': '1e30',
    'a fraction': '0.5',
    'a hexadecimal number': '0x10',
    words: '3 apples',
    'no number': 'NaN',
    infinity: 'Infinity',
    '10 KB of text': 'x'.repeat(10_000),
    '10 KB of numbers': '1 '.repeat(5_000),
    'a second ago': 'Sun, 06 Nov 1994 08:49:36 GMT',
    'this second': date,
    'a time zone': 'Sun, 06 Nov 1994 08:50:37 +0000',
    'an hour that is none': 'Sun, 06 Nov 1994 25:50:37 GMT',
    'a month that is none': 'Sun, 06 Foo 1995 08:50:37 GMT',
    'a date of another form': '1995-11-06T08:49:37Z',
  };

  test.each(Object.entries(values))(
    '%s: a 503 has short pauses, and a 429 or 500 is not repeated',
    async (_, value) => {
      const headers = { date, 'retry-after': value };
      expect(await outcomeOf(refusing(503, headers))).toEqual({ told: null, asked: 3 });
      expect(await outcomeOf(refusing(429, headers))).toEqual({ told: null, asked: 1 });
      expect(await outcomeOf(refusing(500, headers))).toEqual({ told: null, asked: 1 });
    },
  );

  test.each([401, 403, 404, 409])('a %i, which cannot ask to wait', async (status) => {
    expect(await outcomeOf(refusing(status, { 'retry-after': '1' }))).toEqual({ told: null, asked: 1 });
  });
});

test.each([
  ['a second more than that', '86401'],
  ['10 KB of digits', '9'.repeat(10_000)],
])('%s is reported as a day', async (_, value) => {
  expect(await outcomeOf(refusing(503, { 'retry-after': value }))).toEqual({ told: day, asked: 1 });
});
