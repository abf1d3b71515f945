import { DEMO_REGIONS, DEMO_TOKENS } from './demo.ts';
import { startSimulator } from './server.ts';

const DEFAULT_PORT = 4100;

// 0 is any free port, for each region.
const firstPort = Number(process.env.SIMULATOR_PORT ?? DEFAULT_PORT);
const down = (process.env.SIMULATOR_DOWN ?? '').split(',');

const simulator = await startSimulator({
  regions: DEMO_REGIONS.map((code, index) => ({
    code,
    port: firstPort && firstPort + index,
    down: down.includes(code),
  })),
  tokens: DEMO_TOKENS,
  changeAfterMs: 1500,
  seed: true,
});

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
