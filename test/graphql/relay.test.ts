import { execFile } from 'node:child_process';
import { cp, mkdir, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { promisify } from 'node:util';
import { expect, test } from 'vitest';
import { startStack } from '../support/stack.ts';

const run = promisify(execFile);
const require = createRequire(import.meta.url);
const relayCompiler = require.resolve('relay-compiler/cli.js');

test('a Relay console compiles: refetching, pagination and deletion', async () => {
  await using project = await openProject('console');
  await project.compile();
  // Relay's own way to read an object again, whatever its type.
  const again = 'node(id: $id) {\n    __typename\n    ...';
  expect(await project.query('volumeSnapshotsRefetchQuery')).toContain(`${again}volumeSnapshots_detail`);
  expect(await project.query('volumeSnapshotsPaginationQuery')).toContain(`${again}volumeSnapshots_volume`);
  expect(await project.query('regionVolumesPaginationQuery')).toContain(`${again}regionVolumes_region`);
  expect(await project.artifact('volumeSnapshotsDeleteMutation')).toContain('"handle": "deleteRecord"');
});

test('what Relay makes of a paginated fragment reads the next page of a region', async () => {
  await using project = await openProject('console');
  await using stack = await startStack({ seed: true });
  await project.compile();
  const { region } = await stack.data(await project.query('regionVolumesQuery'), { variables: { code: 'KR1' } });
  const cursor: string = region.volumes.pageInfo.endCursor;
  const { node } = await stack.data(await project.query('regionVolumesPaginationQuery'), {
    variables: { id: region.id, count: 5, cursor },
  });
  expect(node.id).toBe(region.id);
  const ids = (page: { volumes: { edges: { node: { id: string } }[] } }) =>
    page.volumes.edges.map((edge) => edge.node.id);
  expect(new Set([...ids(region), ...ids(node)]).size).toBe(20 + 5);
});

test('a Relay console that pages backwards does not compile', async () => {
  await using project = await openProject('backwards');
  await expect(project.compile()).rejects.toMatchObject({
    code: 1,
    stderr: expect.stringContaining("Unknown argument 'last' on field 'Region.volumes'"),
  });
});

interface RelayProject extends AsyncDisposable {
  /** Rejects, with the compiler's output, when it does not compile. */
  compile(): Promise<void>;
  /** The text of a generated file. */
  artifact(name: string): Promise<string>;
  /** The query that Relay sends, out of its file. */
  query(name: string): Promise<string>;
}

/** The sources of a folder of `test/relay` with the emitted schema, in a folder of their own. */
async function openProject(name: string): Promise<RelayProject> {
  const folder = await mkdtemp(join(tmpdir(), 'relay-'));
  await cp(join(import.meta.dirname, 'relay', name), join(folder, 'source'), { recursive: true });
  await cp(join(import.meta.dirname, '../../schema/schema.graphql'), join(folder, 'schema.graphql'));
  await mkdir(join(folder, 'artifacts'));
  const config = {
    src: './source',
    schema: './schema.graphql',
    artifactDirectory: './artifacts',
    language: 'javascript',
  };
  await writeFile(join(folder, 'relay.config.json'), JSON.stringify(config));
  const artifact = (name: string) => readFile(join(folder, 'artifacts', `${name}.graphql.js`), 'utf8');
  return {
    artifact,
    async query(name) {
      const [, text] = /^ *"text": (".*")$/m.exec(await artifact(name)) ?? [];
      return JSON.parse(text ?? '""');
    },
    async compile() {
      await run(process.execPath, [relayCompiler, '--noWatchman', 'relay.config.json'], { cwd: folder });
    },
    async [Symbol.asyncDispose]() {
      await rm(folder, { recursive: true });
    },
  };
}
