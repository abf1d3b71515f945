import { Agent, type OutgoingHttpHeaders, request } from 'node:http';
import { text as readText } from 'node:stream/consumers';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { type CannedAnswer, type CannedUpstream, startCanned } from '../support/canned.ts';
import { expectLinear } from '../support/growth.ts';
import { alice, type GatewayUnderTest, type Stack, startGateway, startStack } from '../support/stack.ts';
import {
  addresses,
  answers,
  ask,
  create,
  headers,
  hostileHosts,
  hostileLines,
  hostileNames,
  hostileTexts,
  names,
  values,
} from './texts.ts';

/*
 * What clients and regions send costs time in proportion to its length. Every entry for text gets hostile texts of one
 * length and of eight times that length: if the time grew with the square, the longer one would cost 64 times as much.
 */

let stack: Stack;
let canned: CannedUpstream;
/** What the canned region answers. */
let answer: CannedAnswer = {};
let overCanned: GatewayUnderTest;

beforeAll(async () => {
  // What is answered from memory would not be measured.
  const environment = { EARLY_CUTOFF: 'false', LOG_LEVEL: 'fatal', CORS_ORIGINS: 'https://console.example' };
  stack = await startStack({ environment });
  canned = await startCanned(() => answer);
  overCanned = await startGateway({ kr1: canned.endpoint }, environment);
});

afterAll(async () => {
  agent.destroy();
  await overCanned[Symbol.asyncDispose]();
  await canned[Symbol.asyncDispose]();
  await stack[Symbol.asyncDispose]();
});

const agent = new Agent({ keepAlive: true });

interface Sent {
  readonly gateway?: GatewayUnderTest;
  readonly path?: string;
  readonly headers?: OutgoingHttpHeaders;
  /** A GET if left out. */
  readonly body?: string;
}

/** Sends a request, which must be answered, and not because it is too large. */
async function send({ gateway = stack, path = '/graphql', headers, body }: Sent): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<[status: number, text: string]>();
  const identity = { 'x-auth-token': alice.token, 'x-tenant-id': alice.tenant };
  const type = body === undefined ? {} : { 'content-type': 'application/json' };
  const method = body === undefined ? 'GET' : 'POST';
  request(gateway.url + path, { agent, method, headers: { ...identity, ...type, ...headers } }, (response) => {
    readText(response).then((text) => resolve([response.statusCode ?? 0, text]), reject);
  })
    .on('error', reject)
    .end(body);
  const [status, text] = await promise;
  expect([413, 431], text.slice(0, 200)).not.toContain(status);
  expect(status, text.slice(0, 200)).toBeLessThan(500);
}

test('a name of 8,000 quotes costs less than sixteen times as much as one of 1,000', () =>
  expectLinear([['"']], 1000, (text) =>
    send({ body: ask('query($v: String) { volumes(filter: { name: $v }) { nodes { id } } }', { v: text }) }),
  ));

describe('eight times the text costs less than sixteen times as much', () => {
  test.each(values)('in %s', (_, bodyOf, length = 8000) =>
    expectLinear(hostileTexts, length, (text) => send({ body: bodyOf(text) })),
  );

  test.each(names)('in the name of %s', (_, write) =>
    expectLinear(hostileNames, 20_000, (name) => send({ body: ask(write(name)) })),
  );

  test.each(headers)('in the header %s', (name) => {
    const body = ask('{ region(code: KR1) { volumes(first: 1) { nodes { id } } } }');
    const asked = name === 'if-none-match' ? { path: '/graphql?query={regions{code}}' } : { body };
    return expectLinear(hostileLines, 1024, (text) => send({ ...asked, headers: { [name]: text } }));
  });

  test.each(addresses)('in the address, as %s', (_, pathOf) =>
    expectLinear(hostileLines, 512, (text) => send({ path: pathOf(text) })),
  );

  test.each(answers)('in what a region sends, as %s', (_, question, answerWith, length = 20_000) =>
    expectLinear([...hostileTexts, ...hostileHosts], length, (text) => {
      answer = answerWith(text);
      return send({ gateway: overCanned, body: ask(question(text)) });
    }),
  );

  test.each(['content-type', 'retry-after', 'x-openstack-request-id'])('in the header %s of a region', (name) =>
    expectLinear(hostileLines, 1024, (text) => {
      answer = { status: 400, headers: { [name]: text } };
      return send({ gateway: overCanned, body: ask(create()) });
    }),
  );
});
