import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/* docs/architecture.md names files and functions. */

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/architecture.md', root), 'utf8');

test('every function that the page names is in the file that the page names', () => {
  const stops = Array.from(page.matchAll(/`([\w/-]+\.ts): (\w+)`/g), ([, file = '', name = '']) => ({ file, name }));
  expect(stops.length).toBeGreaterThan(30);
  const missing = stops.filter(
    ({ file, name }) => !new RegExp(`\\b${name}\\b`).test(readFileSync(new URL(`src/${file}`, root), 'utf8')),
  );
  expect(missing).toEqual([]);
});

test('the plugins stand in the order of the server', () => {
  const named = Array.from(page.matchAll(/^\| `(use\w+)` \|/gm), ([, name]) => name);
  const server = readFileSync(new URL('src/gateway/graphql-server.ts', root), 'utf8');
  const list = server.slice(server.indexOf('plugins: ['));
  expect(named).toEqual(Array.from(list.matchAll(/^ +(use\w+)\(/gm), ([, name]) => name));
});
