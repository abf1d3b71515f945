import { execFile } from 'node:child_process';
import { readdirSync, readFileSync } from 'node:fs';
import { cp, mkdtemp, rm, symlink } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';
import { promisify } from 'node:util';
import { afterAll, beforeAll, expect, test } from 'vitest';
import { resourcePage, withFiles } from '../../scripts/tables.ts';
import { schema } from '../../src/schema/index.ts';

/* The pages of docs/adding work as they stand there: their changes are made to a copy of the tree. */

const root = fileURLToPath(new URL('../../', import.meta.url));
const copied = ['src', 'test/support', 'docs/operations.md', 'package.json', 'tsconfig.json', 'vitest.config.ts'];

const run = promisify(execFile);
/** Nothing of the suite that runs, and no repository around the copy. */
const env = { PATH: process.env.PATH, GIT_CEILING_DIRECTORIES: tmpdir() };

let copy: string;

beforeAll(async () => {
  copy = await mkdtemp(join(tmpdir(), 'adding-'));
  for (const path of copied) await cp(join(root, path), join(copy, path), { recursive: true });
  await symlink(join(root, 'node_modules'), join(copy, 'node_modules'), 'junction');
});

afterAll(() => rm(copy, { recursive: true }));

test.each(['docs/adding/field.md', 'docs/adding/mutation.md'])(
  'the changes of %s can be made to the code as it is',
  async (page) => {
    const changes = changesOf(page);
    expect(changes).toContain('+++ b/src/');
    await apply(changes, page);
  },
);

test('the code compiles with these changes', async () => {
  await runPackage('typescript/bin/tsc', ['--noEmit']);
});

test('the tests that these changes add pass', async () => {
  const files = ['test/graphql/updated-at.test.ts', 'test/graphql/extend-volume.test.ts'];
  // One worker, so that the copy is loaded once.
  const inOneWorker = ['--no-file-parallelism', '--no-isolate'];
  await runPackage('vitest/vitest.mjs', ['run', '--project', 'unit', ...inOneWorker, ...files]);
});

test('the page on resources shows the files of test/adding', () => {
  const page = readFileSync(resourcePage, 'utf8');
  expect(page).toContain('registerNodeType(');
  expect(withFiles(page)).toBe(page);
});

test('every field of a root is asked for by a test', () => {
  const tests = readdirSync(join(root, 'test'), { recursive: true, encoding: 'utf8' }).filter((name) =>
    name.endsWith('.test.ts'),
  );
  const text = tests.map((name) => readFileSync(join(root, 'test', name), 'utf8')).join('');
  const roots = [schema.getQueryType(), schema.getMutationType(), schema.getSubscriptionType()];
  const fields = roots.flatMap((type) => Object.keys(type?.getFields() ?? {}));
  expect(fields.length).toBeGreaterThan(15);
  expect(fields.filter((name) => !new RegExp(`\\b${name}\\s*[({]`).test(text))).toEqual([]);
});

function changesOf(page: string): string {
  const text = readFileSync(join(root, page), 'utf8');
  return Array.from(text.matchAll(/^```diff\n(.*?)^```$/gms), ([, change]) => change).join('');
}

async function apply(changes: string, page: string): Promise<void> {
  const applied = run('git', ['apply', '--whitespace=nowarn', '-'], { cwd: copy, env });
  applied.child.stdin?.end(changes);
  await applied.catch((cause: unknown) => {
    throw new Error(`The code has changed: mend the changes that ${page} shows.`, { cause });
  });
}

/** Runs the program of a package in the copy. */
async function runPackage(program: string, parameters: readonly string[]): Promise<void> {
  await run(process.execPath, [join(root, 'node_modules', program), ...parameters], { cwd: copy, env }).catch(
    ({ stdout, stderr }) => {
      throw new Error(`${program} fails:\n${stdout}${stderr}`);
    },
  );
}
