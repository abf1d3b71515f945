import { execFile, spawn } from 'node:child_process';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
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
