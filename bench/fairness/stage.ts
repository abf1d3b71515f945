import { setTimeout as delay } from 'node:timers/promises';
import type { PagesServed } from '../pages.ts';
import { secondsWithoutCore, startPeer, stop } from '../process.ts';
import { startProduction } from '../production.ts';
import type { Spread } from '../spread.ts';
import type { Others, Outcomes, Scenario } from './figures.ts';

/** The regions and all who ask are on one core; each gateway has another for itself. */
export interface Stage extends AsyncDisposable {
  /**
   * Starts a gateway and lets a scenario run on it.
   * @param main of another checkout, in place of this one's.
   */
  run(scenario: Omit<Scenario, 'url'>, main?: string): Promise<Measured>;
}

export interface Measured extends Others {
  readonly scans: Outcomes;
  /** The other caller, before the scans began. */
  readonly idle: Spread;
  /** Rows that the regions served a second, while the scenario lasted. */
  readonly rowsPerSecond: number;
  /** Part of the time for which others had the gateway's core. */
  readonly withoutCore: number;
}

const cores = { gateway: 0, others: 1 };

export async function openStage(): Promise<Stage> {
  const regions = await startPeer<string>('pages.ts', { core: cores.others });
  const scans = await startPeer('fairness/scans.ts', { core: cores.others });
  const others = await startPeer('fairness/others.ts', { core: cores.others });
  const endpoints = Object.fromEntries(['kr1', 'kr2', 'jp1'].map((code) => [code, `${regions.ready}/${code}`]));
  const rowsServed = async () => (await regions.ask<PagesServed>('served')).rows;
  return {
    async run(withoutUrl, main) {
      await using gateway = await startProduction(endpoints, { core: cores.gateway, ...(main ? { main } : {}) });
      const scenario: Scenario = { ...withoutUrl, url: gateway.url };
      await scans.ask('prepare', scenario);
      const idle = await others.ask<Spread>('idle', scenario);
      const start = performance.now();
      const rows = await rowsServed();
      const waited = await secondsWithoutCore(gateway.child);
      const running = Promise.all([scans.ask<Outcomes>('run', scenario), others.ask<Others>('run', scenario)]);
      await delay(scenario.seconds * 1000);
      // What is read for scans that end after their time does not count.
      const seconds = (performance.now() - start) / 1000;
      const rowsPerSecond = ((await rowsServed()) - rows) / seconds;
      const withoutCore = Math.max(0, (await secondsWithoutCore(gateway.child)) - waited) / seconds;
      const [scanned, seen] = await running;
      return { scans: scanned, ...seen, idle, rowsPerSecond, withoutCore };
    },
    async [Symbol.asyncDispose]() {
      await Promise.all([regions, scans, others].map(({ child }) => stop(child)));
    },
  };
}
