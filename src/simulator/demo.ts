import { type Simulator, startSimulator } from './server.ts';

/** The regions of the demo, as they are in the guide. */
export const DEMO_REGIONS = ['kr1', 'kr2', 'jp1'] as const;

/** Token to tenant of the demo: the guide's two tenants. */
export const DEMO_TOKENS = {
  'demo-token': '6cdebe3eb0094910bc41f1d42ebe4cb7',
  'demo-token-2': 'c0e5e63026e449e6b7e94c779021d150',
} as const;

/** What is wrong with `SIMULATOR_DOWN`, in one line; null if each code is one of the demo's regions. */
export function problemOfDown(codes: readonly string[]): string | null {
  const unknown = codes.find((code) => !DEMO_REGIONS.some((region) => region === code));
  if (unknown === undefined) return null;
  return `SIMULATOR_DOWN: "${unknown}" is not a simulated region: write codes of ${DEMO_REGIONS.join(', ')}, separated by commas`;
}

/** Starts the demo's regions on ports one after the other, with rows and at a pace to watch; port 0 is any free one for each. */
export function startDemoSimulator(firstPort: number, down: readonly string[]): Promise<Simulator> {
  return startSimulator({
    regions: DEMO_REGIONS.map((code, index) => ({
      code,
      port: firstPort && firstPort + index,
      down: down.includes(code),
    })),
    tokens: DEMO_TOKENS,
    changeAfterMs: 3000,
    seed: true,
  });
}
