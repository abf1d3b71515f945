import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { mkdtemp, readFile, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { freePort } from '../support/connection.ts';
import { keystonePage, shellUnder } from '../support/page.ts';
import { issueToken } from './cinder.ts';
import { openPeer, openScratch, PATIENCE, type Peer, readDescription, type Scratch } from './peer.ts';

/* The shell of docs/keystone.md, run block by block as it stands there, against a real Keystone. Needs curl and jq. */

let peer: Peer;
let scratch: Scratch;
let folder: string;
let page: Awaited<ReturnType<typeof runPage>>;

beforeAll(async () => {
  peer = await openPeer();
  scratch = openScratch(peer);
  folder = await mkdtemp(join(tmpdir(), 'keystone-'));
  await scratch.create('volume', { size: 1, name: 'of the page' });
  page = await runPage();
}, 120_000);

afterAll(async () => {
  await page?.close();
  await scratch?.[Symbol.asyncDispose]();
  await peer?.[Symbol.asyncDispose]();
  await rm(folder, { recursive: true });
}, 120_000);

/** Runs the page as alice, and kr2 of its last block as bob. */
async function runPage() {
  const { keystone, users } = await readDescription();
  const bob = await issueToken('bob');
  const blocks = [
    ...shellUnder('With curl'),
    // The first block of this section chooses the port.
    ...shellUnder('3. Start the gateway').slice(1),
    ...shellUnder('4. Ask'),
    ...shellUnder('Regions with their own Keystone'),
  ];
  const port = await freePort();
  const script = [
    'set -euo pipefail',
    ...blocks.map((block, index) => `printf '\\n=== %s\\n' ${index}\n${block}`),
    `printf %s "$TOKEN" >"$FOLDER/token"; printf %s "$TENANT" >"$FOLDER/tenant"`,
  ];
  const child = spawn('bash', ['-c', script.join('\n')], {
    cwd: new URL('../..', import.meta.url),
    // A group of processes of its own: the page leaves the gateway running.
    detached: true,
    env: {
      PATH: process.env.PATH,
      HOME: folder,
      TMPDIR: folder,
      FOLDER: folder,
      HOST: '127.0.0.1',
      PORT: String(port),
      // As in the other tests of this folder: a busy machine needs more time than a cloud.
      UPSTREAM_TIMEOUT_MS: '20000',
      REQUEST_TIMEOUT_MS: '60000',
      OS_AUTH_URL: keystone,
      OS_USERNAME: 'alice',
      OS_PASSWORD: users.alice?.password,
      OS_PROJECT_NAME: users.alice?.project,
      TOKEN_KR2: bob.token,
      TENANT_KR2: bob.tenant,
    },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const closed = once(child, 'close');
  const close = async () => {
    try {
      if (child.pid) process.kill(-child.pid, 'SIGTERM');
    } catch {
      // Nothing of the group runs any more.
    }
    await closed;
  };
  const [code] = await once(child, 'exit');
  // The output is read a moment after the script has ended.
  const sections = () =>
    output
      .replaceAll(/^\{"level":.*\n/gm, '')
      .split(/^=== \d+\n/m)
      .slice(1);
  await vi.waitUntil(() => sections().at(-1)?.trimEnd().endsWith('}') || code !== 0, PATIENCE);
  if (code !== 0) {
    await close();
    throw new Error(`The page ended with ${code}:\n${output}`);
  }
  const [token, tenant] = await Promise.all(['token', 'tenant'].map((name) => readFile(join(folder, name), 'utf8')));
  return {
    url: `http://127.0.0.1:${port}`,
    token: token ?? '',
    tenant: tenant ?? '',
    bob,
    sections: sections(),
    output: () => output,
    close,
  };
}

test('the page gets the tenant, and says how long the token is valid', () => {
  expect(page.tenant).toBe(peer.alice.tenant);
  expect(page.sections[0]).toMatch(/^The token is valid until \d{4}-\d\d-\d\dT[\d:.]+Z\.$/m);
});

test('the page lists the endpoints of the catalog, and makes REGIONS of those of v2', () => {
  const [, listed = '', regions = ''] = page.sections;
  for (const { code, endpoint } of peer.regions) {
    expect(listed).toContain(`volumev2 ${code} ${endpoint}/v2/${page.tenant}\n`);
    expect(listed).toContain(`volumev3 ${code} ${endpoint}/v3/${page.tenant}\n`);
  }
  expect(regions.trim().split(',').toSorted()).toEqual(
    peer.regions.map(({ code, endpoint }) => `${code}=${endpoint}/v2/${page.tenant}`).toSorted(),
  );
});

test('the first query has an answer of the shape that the page shows', () => {
  const [, shown = ''] = /```json\n(.*?)```/s.exec(keystonePage) ?? [];
  const answer = JSON.parse(page.sections[4] ?? '');
  expect(answer.errors).toBeUndefined();
  expect(shapeOf(answer)).toEqual(shapeOf(JSON.parse(shown)));
  expect(answer.data.volumes).toMatchObject({ nodes: [{}], failures: [] });
});

test('a region with a token of its own answers', () => {
  const { data, errors } = JSON.parse(page.sections[5] ?? '');
  expect(errors).toBeUndefined();
  expect(data.volumes.failures).toEqual([]);
});

test.each([
  ['no token', () => ({}), 'UNAUTHENTICATED'],
  ['a token without its end', () => ({ token: page.token.slice(0, -9), tenant: page.tenant }), 'UNAUTHENTICATED'],
  ['no tenant', () => ({ token: page.token }), 'TENANT_REQUIRED'],
  ['another tenant', () => ({ token: page.token, tenant: page.bob.tenant }), 'TENANT_MISMATCH'],
  ['the name of the project', () => ({ token: page.token, tenant: 'tenant-a' }), 'TENANT_MISMATCH'],
])('the page has the error of %s', async (_, credentials: () => { token?: string; tenant?: string }, code) => {
  const { token = '', tenant = '' } = credentials();
  const response = await fetch(`${page.url}/graphql`, {
    method: 'POST',
    headers: { 'content-type': 'application/json', 'x-auth-token': token, 'x-tenant-id': tenant },
    body: JSON.stringify({ query: '{ region(code: KR1) { volumes(first: 1) { nodes { id } } } }' }),
  });
  const { errors } = await response.json();
  expect(errors).toMatchObject([{ extensions: { code } }]);
  expect(keystonePage).toContain(`| \`${code}\` | ${errors[0].message} |`);
});

test('no token is in what the page prints, nor in the log', () => {
  expect(page.token).not.toBe('');
  expect([page.token, page.bob.token].some((token) => page.output().includes(token))).toBe(false);
});

/** The names and kinds of everything in a value; of a list those of its first entry. */
function shapeOf(value: unknown): unknown {
  if (Array.isArray(value)) return value.slice(0, 1).map(shapeOf);
  if (typeof value !== 'object' || value === null) return typeof value;
  return Object.fromEntries(Object.entries(value).map(([key, member]) => [key, shapeOf(member)]));
}
