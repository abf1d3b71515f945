import './backup-schema.ts';
import { expect, test, vi } from 'vitest';
import { type CannedRequest, startCanned } from '../support/canned.ts';
import { subscribe } from '../support/event-stream.ts';
import { linesOf } from '../support/log.ts';
import { patience } from '../support/patience.ts';
import { startOver } from '../support/process.ts';
import { startGateway } from '../support/stack.ts';

/* A resource that no file of src/ knows: `docs/adding/resource.md` shows its files. */

const volumeUuid = '17975e9d-1533-40db-bd02-2072cd2ccb7f';
const older = { id: '27975e9d-1533-40db-bd02-2072cd2ccb7f', name: 'older', created_at: '2026-01-01T00:00:00.000000' };
const newer = { id: '37975e9d-1533-40db-bd02-2072cd2ccb7f', name: 'newer', created_at: '2026-02-01T00:00:00.000000' };

/** Two regions, each with a backup of a volume, and a gateway over them. */
async function startRegions() {
  const backups = { kr1: backup(older), kr2: backup(newer) };
  const kr1 = await startCanned((request) => answerWith(backups.kr1, request));
  const kr2 = await startCanned((request) => answerWith(backups.kr2, request));
  const gateway = await startGateway(
    { kr1: kr1.endpoint, kr2: kr2.endpoint },
    { FEDERATION: 'true', POLL_INTERVAL_MS: '20' },
  );
  return {
    ...gateway,
    backups,
    calls: () => [...kr1.requests, ...kr2.requests].map(({ method, path }) => `${method} ${path.replace(/\?.*/, '')}`),
    async [Symbol.asyncDispose]() {
      await gateway[Symbol.asyncDispose]();
      await kr1[Symbol.asyncDispose]();
      await kr2[Symbol.asyncDispose]();
    },
  };
}

function backup(wire: typeof older) {
  return { ...wire, status: 'available', size: 10, volume_id: volumeUuid };
}

function answerWith(row: ReturnType<typeof backup>, { method, path }: CannedRequest) {
  if (method === 'DELETE') {
    row.status = row.status === 'available' ? 'deleting' : 'error';
    return { status: 202, body: '' };
  }
  if (path.startsWith('/backups/detail')) return { body: { backups: [row] } };
  if (path === `/backups/${row.id}`) return { body: { backup: row } };
  if (path === `/volumes/${volumeUuid}`) return { body: { volume: { id: volumeUuid, name: 'backed up' } } };
  return { status: 404, body: { itemNotFound: { code: 404, message: 'It could not be found.' } } };
}

test('it is loaded into the gateway’s process by --import', async () => {
  await using region = await startCanned(() => ({ status: 404 }));
  const preload = `import ${JSON.stringify(new URL('./backup-schema.ts', import.meta.url).href)};`;
  await using gateway = startOver({ endpoints: { kr1: region.endpoint } }, { INTROSPECTION: 'true' }, preload);
  const response = await fetch(`${await gateway.listening}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify({ query: '{ __type(name: "Backup") { name } }' }),
  });
  expect(await response.json()).toEqual({ data: { __type: { name: 'Backup' } } });
});

test('its list is merged over the regions, with what its rows belong to', async () => {
  await using stack = await startRegions();
  const { backups } = await stack.data(
    '{ backups { totalCount nodes { name status size region { code } volume { name } } failures { code } } }',
  );
  const common = { status: 'AVAILABLE', size: 10, volume: { name: 'backed up' } };
  expect(backups).toEqual({
    totalCount: 2,
    nodes: [
      { name: 'newer', region: { code: 'KR2' }, ...common },
      { name: 'older', region: { code: 'KR1' }, ...common },
    ],
    failures: [],
  });
});

test('it is listed and looked up in one region', async () => {
  await using stack = await startRegions();
  const { region } = await stack.data(
    `{ region(code: KR1) { backups { nodes { name } } backup(id: "${older.id}") { name createdAt } } }`,
  );
  expect(region).toEqual({
    backups: { nodes: [{ name: 'older' }] },
    backup: { name: 'older', createdAt: '2026-01-01T00:00:00.000Z' },
  });
});

test('it is read again by its id, as a node and as an entity, once in a request', async () => {
  await using stack = await startRegions();
  const { backup } = await stack.data(`{ backup(id: "${newer.id}", region: KR2) { id } }`);
  const before = stack.calls().length;
  const data = await stack.data(
    `query ($id: ID!, $representations: [_Any!]!) {
      node(id: $id) { ...Named }
      nodes(ids: [$id]) { ...Named }
      _entities(representations: $representations) { ...Named }
    }
    fragment Named on Backup { __typename name }`,
    { variables: { id: backup.id, representations: [{ __typename: 'Backup', id: backup.id }] } },
  );
  const named = { __typename: 'Backup', name: 'newer' };
  expect(data).toEqual({ node: named, nodes: [named], _entities: [named] });
  expect(stack.calls().slice(before)).toEqual([`GET /backups/${newer.id}`]);
});

test('it is deleted, with a line in the audit log, and read anew after each write', async () => {
  await using stack = await startRegions();
  const deletion = `deleteBackup(input: { id: "${older.id}", region: KR1 }) { backup { status } }`;
  const data = await stack.data(`mutation { first: ${deletion} second: ${deletion} }`);
  expect(data).toEqual({ first: { backup: { status: 'DELETING' } }, second: { backup: { status: 'ERROR' } } });
  const lines = linesOf(stack.log).filter(({ msg }) => msg === 'change');
  const line = { verb: 'delete', object: 'backup', uuid: older.id, source: null, outcome: 'done' };
  expect(lines).toMatchObject([line, line]);
});

test('it is followed until it is in a status that was waited for', async () => {
  await using stack = await startRegions();
  stack.backups.kr1.status = 'creating';
  const query = `subscription { backupUpdated(id: "${older.id}", region: KR1, until: [AVAILABLE]) { name status } }`;
  await using subscribed = subscribe(stack, query);
  await vi.waitFor(() => expect(subscribed.results).toHaveLength(1), patience);
  stack.backups.kr1.status = 'available';
  await subscribed.ended;
  expect(subscribed.results.map(({ data }) => data?.backupUpdated)).toEqual([
    { name: 'older', status: 'CREATING' },
    { name: 'older', status: 'AVAILABLE' },
  ]);
});
