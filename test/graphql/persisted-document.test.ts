import { hash } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { afterAll, beforeAll, describe, expect, test } from 'vitest';
import { headersOfAlice } from '../support/post.ts';
import { alice, startStack } from '../support/stack.ts';
import { folder, idOf, named, post, removeManifest, startWith, writeManifest } from './persisted-document.ts';

/* Documents that clients name in place of sending them. */

beforeAll(writeManifest);
afterAll(removeManifest);

describe('a document of the manifest that the code generator made', () => {
  test.each([
    ['documentId', (id: string) => ({ documentId: `sha256:${id}` })],
    ['documentId without what it is a hash of', (id: string) => ({ documentId: id })],
    ['Apollo’s extension', (id: string) => ({ extensions: { persistedQuery: { version: 1, sha256Hash: id } } })],
    ['documentId beside an empty query', (id: string) => ({ query: '', documentId: id })],
  ])('is executed when it is named by %s, with variables', async (_, name) => {
    await using stack = await startWith();
    const body = { ...name(idOf('query Names')), variables: { first: 1 } };
    expect(await post(stack, body)).toEqual({ status: 200, answer: named });
    expect(stack.calls()).toEqual([expect.stringMatching(/^GET \/volumes\/detail\?.*limit=2/)]);
    expect(stack.log.join('')).toContain(`"name":"Names","operation":"query","hash":"${idOf('query Names')}"`);
  });

  test.each(['documentId', 'extensions'])(
    'is answered by GET, named by %s, with a tag that spares the caller to receive it again',
    async (name) => {
      await using stack = await startWith();
      const id = idOf('query Names');
      const value = name === 'documentId' ? id : JSON.stringify({ persistedQuery: { version: 1, sha256Hash: id } });
      const path = `/graphql?${new URLSearchParams({ [name]: value, variables: '{"first":1}' })}`;
      const first = await stack.fetch(path, { headers: headersOfAlice });
      expect(JSON.parse(first.text)).toEqual(named);
      expect(first.headers.get('cache-control')).toBe('private, no-cache');
      expect(first.headers.get('vary')).toContain('X-Auth-Token');
      stack.simulator.clearRequests();
      const held = { ...headersOfAlice, 'if-none-match': first.headers.get('etag') ?? '' };
      expect((await stack.fetch(path, { headers: held })).status).toBe(304);
      expect(stack.calls()).toHaveLength(1);
    },
  );

  test('is a mutation by POST alone', async () => {
    await using stack = await startWith();
    const got = await stack.fetch(`/graphql?documentId=${idOf('mutation Create')}`, { headers: headersOfAlice });
    expect(got.status).toBe(405);
    expect(stack.calls()).toEqual([]);
    expect((await post(stack, { documentId: idOf('mutation Create') })).answer).toMatchObject({
      data: { createVolume: { volume: {} } },
    });
  });

  test('is a subscription as an event stream', async () => {
    await using stack = await startWith();
    const [row] = stack.simulator.store('kr1').volumes(alice.tenant);
    const { volume } = await stack.data(`{ volume(id: "${row?.id}", region: KR1) { id } }`);
    const { text } = await stack.fetch('/graphql', {
      method: 'POST',
      headers: { ...headersOfAlice, accept: 'application/json, text/event-stream' },
      body: JSON.stringify({ documentId: idOf('subscription Follow'), variables: { id: volume.id } }),
    });
    expect(text).toContain('data: {"data":{"volumeUpdated":{"status":"AVAILABLE"}}}');
  });
});

test('a manifest of Apollo is read too', async () => {
  const file = join(folder, 'apollo.json');
  const body = '{ regions { code } }';
  const operation = { id: hash('sha256', body), name: 'Regions', type: 'query', body };
  await writeFile(
    file,
    JSON.stringify({ format: 'apollo-persisted-query-manifest', version: 1, operations: [operation] }),
  );
  await using stack = await startWith({ PERSISTED_DOCUMENTS: file });
  expect((await post(stack, { documentId: operation.id })).answer.data.regions).toHaveLength(3);
});

describe('an id that the gateway does not know', () => {
  test.each(['documentId', 'Apollo'])('is told so, by %s, and no region is asked', async (name) => {
    await using stack = await startWith();
    const id = '0'.repeat(64);
    const body =
      name === 'Apollo' ? { extensions: { persistedQuery: { version: 1, sha256Hash: id } } } : { documentId: id };
    const { answer } = await post(stack, body);
    expect(answer.errors).toMatchObject([{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }]);
    expect(stack.log.join('')).toContain('"errorCodes":["PERSISTED_QUERY_NOT_FOUND"]');
    expect(stack.calls()).toEqual([]);
  });

  test('is sent as a document by Apollo Client', async () => {
    await using stack = await startWith();
    const http = new HttpLink({ uri: `${stack.url}/graphql`, headers: headersOfAlice });
    const persisted = new PersistedQueryLink({ sha256: (text) => hash('sha256', text) });
    const client = new ApolloClient({ link: ApolloLink.from([persisted, http]), cache: new InMemoryCache() });
    const { data } = await client.query({ query: gql('{ regions { id name } }') });
    expect(data).toMatchObject({ regions: [{}, {}, {}] });
  });
});

describe('without a manifest', () => {
  const sha256Hash = '0'.repeat(64);

  test.each([
    { documentId: sha256Hash },
    { documentId: `sha256:${sha256Hash}`, variables: { first: 1 } },
    { extensions: { persistedQuery: { version: 1, sha256Hash } } },
  ])('%j is refused, and no region is asked', async (body) => {
    await using stack = await startStack();
    const { status, answer } = await post(stack, body);
    expect(status).toBe(200);
    expect(answer).toEqual({
      errors: [{ message: expect.any(String), extensions: { code: 'PERSISTED_QUERY_NOT_SUPPORTED' } }],
    });
    expect(stack.log.join('')).toContain('"errorCodes":["PERSISTED_QUERY_NOT_SUPPORTED"]');
    expect(stack.calls()).toEqual([]);
  });

  test.each([false, true])('Apollo Client sends the document; hashes by GET: %s', async (useGETForHashedQueries) => {
    await using stack = await startStack();
    const http = new HttpLink({ uri: `${stack.url}/graphql`, headers: headersOfAlice });
    const persisted = new PersistedQueryLink({ sha256: (text) => hash('sha256', text), useGETForHashedQueries });
    const client = new ApolloClient({ link: ApolloLink.from([persisted, http]), cache: new InMemoryCache() });
    const { data } = await client.query({ query: gql('{ regions { id name } }') });
    expect(data).toMatchObject({ regions: [{}, {}, {}] });
  });
});

describe('where other documents are refused', () => {
  const only = { PERSISTED_DOCUMENTS_ONLY: 'true' };

  test('one of the manifest is executed', async () => {
    await using stack = await startWith(only);
    expect((await post(stack, { documentId: idOf('query Names') })).answer).toEqual(named);
  });

  test.each([
    '{ region(code: KR1) { volumes { nodes { name } } } }',
    'mutation { createVolume(input: { region: KR1, size: 1 }) { volume { status } } }',
    '{ __schema { types { name } } }',
  ])('%s is not executed, by whatever way it comes', async (query) => {
    await using stack = await startWith(only);
    const refused = { errors: [{ extensions: { code: 'PERSISTED_QUERY_ONLY' } }] };
    expect((await post(stack, { query })).answer).toMatchObject(refused);
    expect((await post(stack, { query, documentId: idOf('query Names') })).answer).toMatchObject(refused);
    const accept = 'application/json, text/event-stream, multipart/mixed';
    expect((await post(stack, { query }, { accept })).answer).toMatchObject(refused);
    const got = await stack.fetch(`/graphql?${new URLSearchParams({ query })}`, { headers: headersOfAlice });
    expect(JSON.parse(got.text)).toMatchObject(refused);
    expect(stack.calls()).toEqual([]);
  });
});
