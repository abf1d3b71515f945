import { existsSync, readFileSync } from 'node:fs';
import { expect, test } from 'vitest';

/* docs/architecture.md names files and functions. */

const root = new URL('../../', import.meta.url);
const page = readFileSync(new URL('docs/architecture.md', root), 'utf8');

test('every file that the page names is there', () => {
  const files = Array.from(page.matchAll(/`((?:\w[\w-]*\/)+[\w-]+\.ts)/g), ([, file = '']) => file);
  expect(files.length).toBeGreaterThan(40);
  expect(files.filter((file) => !existsSync(new URL(`src/${file}`, root)))).toEqual([]);
});

test('every function that the page names is defined in the file that the page names', () => {
  const stops = Array.from(page.matchAll(/`([\w/-]+\.ts): (\w+)`/g), ([, file = '', name = '']) => ({ file, name }));
  expect(stops.length).toBeGreaterThan(30);
  const missing = stops.filter(
    ({ file, name }) => !definition(name).test(readFileSync(new URL(`src/${file}`, root), 'utf8')),
  );
  expect(missing).toEqual([]);
});

/** A function or a method, not its use. */
function definition(name: string): RegExp {
  return new RegExp(`(function\\*? ${name}[<(])|(const ${name} = )|(^ +(async )?${name}(<[^(]*>)?\\([^;]*\\{$)`, 'm');
}

test('the plugins stand in the order of the server', () => {
  const named = Array.from(page.matchAll(/^\| `(use\w+)` \|/gm), ([, name]) => name);
  const server = readFileSync(new URL('src/gateway/graphql-server.ts', root), 'utf8');
  const list = server.slice(server.indexOf('function pluginsOf('));
  expect(named).toEqual(Array.from(list.matchAll(/^ +(use\w+)\(/gm), ([, name]) => name));
});
