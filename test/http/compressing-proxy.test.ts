import { once } from 'node:events';
import { request as ask, createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import compression from 'compression';
import express from 'express';
import { expect, test } from 'vitest';
import { startCanned } from '../support/canned.ts';
import { subscribe } from '../support/event-stream.ts';
import { postOf } from '../support/post.ts';
import { alice, startGateway, startStack } from '../support/stack.ts';

/* Streams behind a proxy that compresses: it would hold parts back until there is enough to compress. */

/** Express with `compression` in front of the gateway. */
async function startProxy(gateway: string) {
  const app = express();
  app.use(compression({ threshold: 0 }));
  app.use((incoming, outgoing) => {
    const passed = ask(gateway + incoming.url, { method: incoming.method, headers: incoming.headers }, (answer) => {
      outgoing.writeHead(answer.statusCode ?? 502, answer.headers);
      answer.pipe(outgoing);
    });
    passed.on('error', () => outgoing.destroy());
    outgoing.on('close', () => passed.destroy());
    incoming.pipe(passed);
  });
  const server = createServer(app).listen(0, '127.0.0.1');
  await once(server, 'listening');
  // A listening TCP server always has an address of this shape.
  const { port } = server.address() as AddressInfo;
  return {
    url: `http://127.0.0.1:${port}`,
    async [Symbol.asyncDispose]() {
      server.closeAllConnections();
      server.close();
    },
  };
}

const volume = { name: 'followed', status: 'available' };

test('an event of a subscription arrives while the stream is open', async () => {
  await using stack = await startStack();
  const { id } = stack.simulator.store('kr1').addVolume(alice.tenant, volume);
  await using proxy = await startProxy(stack.url);
  await using subscribed = subscribe(proxy, `subscription { volumeUpdated(id: "${id}", region: KR1) { name } }`);
  await expect.poll(() => subscribed.results).toEqual([{ data: { volumeUpdated: { name: 'followed' } } }]);
});

test('the first part of a deferred answer arrives before the rest is there', async () => {
  const held = Promise.withResolvers<ServerResponse>();
  await using early = await startStack({ regions: [{ code: 'kr1' }] });
  early.simulator.store('kr1').addVolume(alice.tenant, volume);
  await using late = await startCanned((_, response) => {
    held.resolve(response);
    return null;
  });
  await using gateway = await startGateway({ ...early.simulator.endpoints, kr2: late.endpoint });
  await using proxy = await startProxy(gateway.url);
  const query = `{
    region(code: KR1) { volumes { nodes { name } } }
    ... @defer { late: region(code: KR2) { volumes { nodes { name } } } }
  }`;
  const response = await fetch(
    `${proxy.url}/graphql`,
    postOf(query, { 'accept-encoding': 'gzip', accept: 'multipart/mixed' }),
  );
  const reader = response.body?.pipeThrough(new TextDecoderStream()).getReader();
  let text = '';
  while (!text.includes('followed')) text += (await reader?.read())?.value;
  expect(text).not.toContain('late');
  (await held.promise).writeHead(200, { 'content-type': 'application/json' }).end('{"volumes": []}');
  for (let part = await reader?.read(); part && !part.done; part = await reader?.read()) text += part.value;
  expect(text).toContain('"late"');
});

test('a whole answer is compressed', async () => {
  await using stack = await startStack();
  await using proxy = await startProxy(stack.url);
  const response = await fetch(`${proxy.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'accept-encoding': 'gzip' },
    body: '{"query":"{ __typename }"}',
  });
  expect(response.headers.get('content-encoding')).toBe('gzip');
  expect(await response.json()).toEqual({ data: { __typename: 'Query' } });
});
