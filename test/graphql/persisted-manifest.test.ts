import { rename, rm, symlink, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest';
import { ConfigError } from '../../src/config/config.ts';
import { readConfig } from '../../src/config/read-config.ts';
import { remembering } from '../http/replay.ts';
import { folder, named, post, removeManifest, startWith, writeManifest } from './persisted-document.ts';

/* Manifests of persisted documents: several of them, such as change, and such as cannot be used. */

beforeAll(writeManifest);
afterAll(removeManifest);

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
    await using stack = await startWith({
      ...remembering,
      PERSISTED_DOCUMENTS: file,
      PERSISTED_DOCUMENTS_ONLY: 'true',
    });
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
