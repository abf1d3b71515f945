import { DEMO_REGIONS, DEMO_TOKENS, problemOfDown, startDemoSimulator } from './demo.ts';

const DEFAULT_PORT = 4100;

/** Two more regions follow on the next ports. */
const MOST_PORT = 65_533;

const portText = process.env.SIMULATOR_PORT?.trim() || String(DEFAULT_PORT);
const firstPort = Number(portText);
const down = (process.env.SIMULATOR_DOWN ?? '')
  .split(',')
  .map((code) => code.trim())
  .filter((code) => code !== '');

const problem = problemOfPort(portText) ?? problemOfDown(down);
if (problem) {
  process.stderr.write(`${problem}\n`);
  process.exit(1);
}

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

function problemOfPort(text: string): string | null {
  if (/^\d{1,5}$/.test(text) && Number(text) <= MOST_PORT) return null;
  if (/^\w+:\/\//.test(text))
    return 'SIMULATOR_PORT: must be a port, but holds an address, as Kubernetes sets it for a Service: write enableServiceLinks: false in the spec of the pod, or set the port';
  return `SIMULATOR_PORT: must be a whole number from 0 to ${MOST_PORT}`;
}
