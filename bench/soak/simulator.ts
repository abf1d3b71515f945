import { DEMO_REGIONS, DEMO_TOKENS } from '../../src/simulator/demo.ts';
import { type Fault, startSimulator } from '../../src/simulator/server.ts';
import { answerParent } from '../process.ts';
import { madePrefix } from './settings.ts';

/*
 * Three simulated regions with rows, in a process of its own that tells its endpoints, injects faults and lifts them.
 * What the load has made and not deleted, since an answer was lost, is swept away, so that no list grows for ever.
 */

/** Longer than anything that the load makes is in use. */
const sweepAfterMs = 60_000;

/** No quota is to stand in the way. */
const plenty = { volumes: 100_000, snapshots: 100_000, gigabytes: 100_000_000 };

const tenants = Object.values(DEMO_TOKENS);
const simulator = await startSimulator({
  regions: DEMO_REGIONS.map((code) => ({ code })),
  tokens: DEMO_TOKENS,
  quotas: Object.fromEntries(tenants.map((tenant) => [tenant, plenty])),
  seed: true,
});
const faults = new Map<number, () => void>();
let lastFault = 0;

function sweep(): void {
  // It remembers every request, which is for tests.
  simulator.clearRequests();
  const isOld = ({ name, created_at }: { name: string | null; created_at: string }) =>
    name?.startsWith(madePrefix) === true && Date.parse(`${created_at}Z`) < Date.now() - sweepAfterMs;
  for (const store of DEMO_REGIONS.map((code) => simulator.store(code))) {
    for (const tenant of tenants)
      for (const { id } of [...store.snapshots(tenant), ...store.volumes(tenant)].filter(isOld)) store.remove(id);
  }
}

setInterval(sweep, 1000);
answerParent(simulator.endpoints, {
  inject(fault: Fault): number {
    faults.set(++lastFault, simulator.inject(fault));
    return lastFault;
  },
  lift({ id }: { id: number }) {
    faults.get(id)?.();
    faults.delete(id);
  },
});
