import { hash } from 'node:crypto';
import { mkdtemp, readFile, rename, rm, symlink, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { ApolloClient, ApolloLink, gql, HttpLink, InMemoryCache } from '@apollo/client';
import { PersistedQueryLink } from '@apollo/client/link/persisted-queries';
import { generate } from '@graphql-codegen/cli';
import { preset } from '@graphql-codegen/client-preset';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ConfigError } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { alice, type Stack, startStack } from '../support/stack.ts';

/* Documents that clients name in place of sending them. */

let folder: string;
/** As the code generator writes it. */
let manifest: string;
let documents: Record<string, string>;

beforeAll(async () => {
  folder = await mkdtemp(join(tmpdir(), 'persisted-'));
  const source = join(folder, 'console.graphql');
  await writeFile(
    source,
    `query Names($first: Int = 5) { region(code: KR1) { volumes(first: $first) { nodes { name status } } } }
     mutation Create { createVolume(input: { region: KR1, size: 1 }) { volume { status } } }
     subscription Follow($id: ID!) { volumeUpdated(id: $id, until: [AVAILABLE]) { status } }`,
  );
  await generate({
    schema: 'schema/schema.graphql',
    documents: source,
    silent: true,
    generates: {
      [`${folder}/generated/`]: {
        preset,
        presetConfig: { persistedDocuments: { hashAlgorithm: 'sha256' } },
        // Ours are no browser's files.
        config: { emitLegacyCommonJSImports: false },
      },
    },
  });
  manifest = join(folder, 'generated/persisted-documents.json');
  documents = JSON.parse(await readFile(manifest, 'utf8'));
});

afterAll(() => rm(folder, { recursive: true }));

function idOf(name: string): string {
  const [id = 'missing'] = Object.entries(documents).find(([, document]) => document.includes(name)) ?? [];
  return id.replace('sha256:', '');
}

async function startWith(environment: Record<string, string> = {}): Promise<Stack> {
  const stack = await startStack({ environment: { PERSISTED_DOCUMENTS: manifest, ...environment } });
  stack.simulator.store('kr1').addVolume(alice.tenant, { name: 'named', status: 'available' });
  return stack;
}

const headers = { 'content-type': 'application/json', 'x-auth-token': alice.token, 'x-tenant-id': alice.tenant };

async function post(stack: Stack, body: object, more: Record<string, string> = {}) {
  const { status, text } = await stack.fetch('/graphql', {
    method: 'POST',
    headers: { ...headers, ...more },
    body: JSON.stringify(body),
  });
  return { status, answer: JSON.parse(text) };
}

const named = { data: { region: { volumes: { nodes: [{ name: 'named', status: 'AVAILABLE' }] } } } };

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
      const first = await stack.fetch(path, { headers });
      expect(JSON.parse(first.text)).toEqual(named);
      expect(first.headers.get('cache-control')).toBe('private, no-cache');
      expect(first.headers.get('vary')).toContain('X-Auth-Token');
      stack.simulator.clearRequests();
      const held = { ...headers, 'if-none-match': first.headers.get('etag') ?? '' };
      expect((await stack.fetch(path, { headers: held })).status).toBe(304);
      expect(stack.calls()).toHaveLength(1);
    },
  );

  test('is a mutation by POST alone', async () => {
    await using stack = await startWith();
    const got = await stack.fetch(`/graphql?documentId=${idOf('mutation Create')}`, { headers });
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
      headers: { ...headers, accept: 'application/json, text/event-stream' },
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
    const http = new HttpLink({ uri: `${stack.url}/graphql`, headers });
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
    const http = new HttpLink({ uri: `${stack.url}/graphql`, headers });
    const persisted = new PersistedQueryLink({ sha256: (text) => hash('sha256', text), useGETForHashedQueries });
    const client = new ApolloClient({ link: ApolloLink.from([persisted, http]), cache: new InMemoryCache() });
    const { data } = await client.query({ query: gql('{ regions { id name } }') });
    expect(data).toMatchObject({ regions: [{}, {}, {}] });
  });
});

describe('several manifests', () => {
  const [typename, codes] = ['{ __typename }', '{ regions { code } }'];
  const names = '{ region(code: KR1) { volumes { nodes { name status } } } }';

  async function write(name: string, manifest: unknown): Promise<string> {
    const file = join(folder, name);
    await writeFile(file, typeof manifest === 'string' ? manifest : JSON.stringify(manifest));
    return file;
  }

  test('are one', async () => {
    const files = [await write('one.json', { a: typename, c: codes }), await write('two.json', { b: codes, c: codes })];
    await using stack = await startWith({ PERSISTED_DOCUMENTS: ` ${files.join(' , ')},` });
    for (const [id, member] of [
      ['a', '__typename'],
      ['b', 'regions'],
      ['c', 'regions'],
    ] as const)
      expect((await post(stack, { documentId: id })).answer.data).toHaveProperty(member);
  });

  test('with two documents of one id are refused at start', async () => {
    const files = [await write('left.json', { a: typename }), await write('right.json', { a: codes })];
    expect(() => readConfig({ PERSISTED_DOCUMENTS: files.join(',') })).toThrow(
      /right\.json cannot be used: .*another document/,
    );
  });

  test('that change are read again, and a broken one changes nothing', async () => {
    const files = [await write('first.json', { a: typename }), await write('second.json', { b: codes })];
    await using stack = await startWith({ PERSISTED_DOCUMENTS: files.join(',') });
    const dataOf = async (documentId: string) => (await post(stack, { documentId })).answer.data;
    expect(await dataOf('c')).toBeUndefined();
    await write('second.json', { c: codes });
    await expect.poll(() => dataOf('c'), { timeout: 10_000 }).toHaveProperty('regions');
    expect(await dataOf('b')).toBeUndefined();
    await write('first.json', '{"a": 7');
    await expect
      .poll(() => stack.log.join(''), { timeout: 10_000 })
      .toContain('persisted documents cannot be read again');
    expect(await dataOf('a')).toEqual({ __typename: 'Query' });
    expect(await dataOf('c')).toHaveProperty('regions');
    await rm(join(folder, 'first.json'));
    await write('first.json', { d: typename });
    await expect.poll(() => dataOf('d'), { timeout: 10_000 }).toEqual({ __typename: 'Query' });
  });

  test('that lose a document lose its recorded answers too', async () => {
    const file = await write('lost.json', { lost: names, kept: names });
    await using stack = await startWith({ PERSISTED_DOCUMENTS: file, PERSISTED_DOCUMENTS_ONLY: 'true' });
    const answer = async (documentId: string) => (await post(stack, { documentId })).answer;
    const known = async () => (await stack.fetch('/metrics')).text.match(/^gateway_answers_known_total (\d+)/m)?.[1];
    await vi.waitFor(async () => {
      expect(await answer('lost')).toEqual(named);
      expect(Number(await known())).toBeGreaterThan(0);
    });
    await write('lost.json', { kept: names });
    await expect
      .poll(() => answer('lost'), { timeout: 10_000 })
      .toMatchObject({ errors: [{ extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' } }] });
    expect(await answer('kept')).toEqual(named);
  });

  test('that are links are followed to the file that they name, as Kubernetes mounts them', async () => {
    const link = join(folder, 'link.json');
    await symlink(await write('version-1.json', { a: typename }), link);
    await using stack = await startWith({ PERSISTED_DOCUMENTS: link });
    await symlink(await write('version-2.json', { a: typename, b: codes }), `${link}.new`);
    await rename(`${link}.new`, link);
    const answer = async () => (await post(stack, { documentId: 'b' })).answer.data;
    await expect.poll(answer, { timeout: 10_000 }).toHaveProperty('regions');
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
    const got = await stack.fetch(`/graphql?${new URLSearchParams({ query })}`, { headers });
    expect(JSON.parse(got.text)).toMatchObject(refused);
    expect(stack.calls()).toEqual([]);
  });
});

describe('a manifest that cannot be used is a mistake of the configuration', () => {
  test.each([
    ['is not there', null],
    ['is no JSON', '{'],
    ['holds no documents', '{ "id": 5 }'],
    ['is a list', '["query"]'],
  ])('one that %s', async (_, text) => {
    const file = join(folder, 'bad.json');
    if (text === null) await rm(file, { force: true });
    else await writeFile(file, text);
    const read = () => readConfig({ PERSISTED_DOCUMENTS: file });
    expect(read).toThrow(ConfigError);
    expect(read).toThrow('PERSISTED_DOCUMENTS');
  });

  test('and so is none at all where all others are refused', () => {
    for (const PERSISTED_DOCUMENTS of ['', ' , '])
      expect(() => readConfig({ PERSISTED_DOCUMENTS, PERSISTED_DOCUMENTS_ONLY: 'true' })).toThrow(
        'PERSISTED_DOCUMENTS_ONLY',
      );
  });
});
