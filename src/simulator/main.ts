import { DEMO_REGIONS, DEMO_TOKENS, startDemoSimulator } from './demo.ts';

const DEFAULT_PORT = 4100;

const firstPort = Number(process.env.SIMULATOR_PORT ?? DEFAULT_PORT);
const down = (process.env.SIMULATOR_DOWN ?? '').split(',');

const simulator = await startDemoSimulator(firstPort, down);

const lines = Object.entries(simulator.endpoints).map(([code, endpoint]) => {
  return `${code}  ${endpoint}${down.includes(code) ? '  (down)' : ''}`;
});
const [token, tenant] = Object.entries(DEMO_TOKENS)[0] ?? [];
const up = DEMO_REGIONS.find((code) => !down.includes(code));
if (up)
  lines.push('', `curl -H 'X-Auth-Token: ${token}' '${simulator.endpoints[up]}/v2/${tenant}/volumes/detail?limit=2'`);
process.stdout.write(`${lines.join('\n')}\n`);

for (const signal of ['SIGTERM', 'SIGINT'] as const) {
  process.once(signal, () => void simulator[Symbol.asyncDispose]());
}
