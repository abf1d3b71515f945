import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { expect, test, vi } from 'vitest';
import { variables } from '../../src/config/variables.ts';

/* The demo and the simulator as processes, and their variables. */

/** Starts a script on free ports, if nothing else is set. On disposal it is killed. */
function run(script: string, environment: Readonly<Record<string, string>>) {
  const child = spawn(process.execPath, [script], {
    cwd: new URL('../..', import.meta.url),
    env: { PATH: process.env.PATH, PORT: '0', SIMULATOR_PORT: '0', ...environment },
    stdio: ['ignore', 'pipe', 'pipe'],
  });
  let output = '';
  for (const stream of [child.stdout, child.stderr]) stream.on('data', (chunk) => (output += chunk));
  const ended = once(child, 'close').then(([code]) => ({ code, output }));
  return {
    ended,
    says: (pattern: RegExp) => vi.waitUntil(() => pattern.exec(output)?.[1], { timeout: 30_000, interval: 20 }),
    async [Symbol.asyncDispose]() {
      child.kill('SIGKILL');
      await ended;
    },
  };
}

const demo = 'src/demo.ts';
const simulator = 'src/simulator/main.ts';

test('in the demo a blank variable means the demo’s default', async () => {
  const blanks = Object.keys(variables).filter((name) => !/PORT$/.test(name));
  await using running = run(demo, Object.fromEntries(blanks.map((name) => [name, ' '])));
  const url = await running.says(/^Open (\S+) /m);
  expect((await (await fetch(url, { headers: { accept: 'text/html' } })).text()).toLowerCase()).toContain('graphiql');
});

test('in the demo a misspelled variable is reported', async () => {
  await using running = run(demo, { GRAPHQL_PATHS: '/here' });
  expect(await running.says(/("variable":"GRAPHQL_PATHS","meant":"GRAPHQL_PATH")/)).toBeTruthy();
});

test.each([demo, simulator])('%s names the codes that SIMULATOR_DOWN can have if one is unknown', async (script) => {
  await using running = run(script, { SIMULATOR_DOWN: 'kr2, KR1' });
  const { code, output } = await running.ended;
  expect(code).toBe(1);
  expect(output).toContain(
    'SIMULATOR_DOWN: "KR1" is not a simulated region: write codes of kr1, kr2, jp1, separated by commas\n',
  );
});

test.each([demo, simulator])('%s refuses an address that Kubernetes set in SIMULATOR_PORT', async (script) => {
  await using running = run(script, { SIMULATOR_PORT: 'tcp://10.0.0.1:4100' });
  const { code, output } = await running.ended;
  expect(code).toBe(1);
  expect(output).toMatch(/SIMULATOR_PORT: must be a port, but holds an address.*enableServiceLinks: false/);
});

test('the simulator takes codes with spaces around them, and a blank list as none', async () => {
  await using some = run(simulator, { SIMULATOR_DOWN: ' kr2 , ' });
  expect(await some.says(/^kr2 .*(\(down\))$/m)).toBe('(down)');
  await using none = run(simulator, { SIMULATOR_DOWN: ' ' });
  expect(await none.says(/^(kr2 .*)$/m)).not.toContain('down');
});
