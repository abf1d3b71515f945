import { execFile, spawn } from 'node:child_process';
import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, onTestFinished, test } from 'vitest';
import { startGateway, tenant, token } from './gateway.ts';

const script = fileURLToPath(new URL('../curl.sh', import.meta.url));
const environment = (url: string) => ({ ...process.env, GATEWAY_URL: url, TOKEN: token, TENANT: tenant });

async function run(url: string, ...words: string[]): Promise<string> {
  const { stdout } = await promisify(execFile)(script, words, { env: environment(url) });
  return stdout;
}

test('curl reads to the end of a list, every row once', async () => {
  await using gateway = await startGateway();
  const ids = (await run(gateway.url, 'list'))
    .trim()
    .split('\n')
    .map((line) => line.split(' ')[0]);
  expect(ids).toHaveLength(gateway.uuids().length);
  expect(new Set(ids).size).toBe(ids.length);
});

test('curl creates a volume, is told when it is there, reads it again by its id and deletes it', async () => {
  await using gateway = await startGateway();
  const created = JSON.parse(await run(gateway.url, 'create', 'of curl'));
  const { id } = created.data.createVolume.volume;
  const watching = spawn(script, ['watch', id], { env: environment(gateway.url) });
  let told = '';
  for await (const chunk of watching.stdout.setEncoding('utf8')) {
    told += chunk;
    if (told.includes('CREATING')) gateway.finishCreation('of curl');
  }
  expect(told.trim().split('\n')).toEqual(
    ['CREATING', 'AVAILABLE'].map((status) => JSON.stringify({ data: { volumeUpdated: { status } } })),
  );
  expect(JSON.parse(await run(gateway.url, 'delete', id))).toEqual({ data: { deleteVolume: { deletedVolumeId: id } } });
  expect(JSON.parse(await run(gateway.url, 'show', id))).toEqual({
    data: { node: { id, name: 'of curl', status: 'DELETING' } },
  });
});

test('curl shows an error with its code, and a list that failed is a failure', async () => {
  await using gateway = await startGateway();
  expect(JSON.parse(await run(gateway.url, 'delete', 'nonsense'))).toMatchObject({
    errors: [{ path: ['deleteVolume'], extensions: { code: 'BAD_USER_INPUT' } }],
  });
  const refused = promisify(execFile)(script, ['list'], { env: { ...environment(gateway.url), TOKEN: 'unknown' } });
  await expect(refused).rejects.toMatchObject({ stderr: expect.stringContaining('"UNAUTHENTICATED"') });
});

test('curl prints the data and the code of a partial answer, and succeeds', async () => {
  await using gateway = await startGateway();
  expect(JSON.parse(await run(gateway.url, 'show', 'nonsense'))).toMatchObject({
    data: { node: null },
    errors: [{ path: ['node'], extensions: { code: 'BAD_USER_INPUT' } }],
  });
  expect(gateway.statuses).toEqual([294]);
});

test('curl prints the code of a request that is refused, and fails', async () => {
  await using gateway = await startGateway(await othersRefused());
  await expect(run(gateway.url, 'show', 'nonsense')).rejects.toMatchObject({
    code: 22,
    stdout: expect.stringContaining('"PERSISTED_QUERY_ONLY"'),
  });
  expect(gateway.statuses).toEqual([422]);
});

test('a list that is refused shows the code, and is a failure', async () => {
  await using gateway = await startGateway(await othersRefused());
  await expect(run(gateway.url, 'list')).rejects.toMatchObject({
    code: 1,
    stdout: '',
    stderr: expect.stringContaining('"PERSISTED_QUERY_ONLY"'),
  });
  expect(gateway.statuses).toEqual([422]);
});

/** What makes a gateway refuse the script's documents: the only one that it executes is another. */
async function othersRefused() {
  const folder = await mkdtemp(join(tmpdir(), 'curl-'));
  onTestFinished(() => rm(folder, { recursive: true }));
  const manifest = join(folder, 'documents.json');
  await writeFile(manifest, JSON.stringify({ trivial: '{ __typename }' }));
  return { PERSISTED_DOCUMENTS: manifest, PERSISTED_DOCUMENTS_ONLY: 'true' };
}
