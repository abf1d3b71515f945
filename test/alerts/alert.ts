import type { Labels, Prometheus } from './prometheus.ts';
import { until } from './until.ts';

/* The states of alerts: they fire and they end. */

/** The names of the alerts that have fired and ended. */
export const seenToEnd = new Set<string>();

/** An alert of one gateway. */
interface Alert {
  fires(): Promise<void>;
  ends(): Promise<void>;
  isFiring(): Promise<boolean>;
}

export function alertOf(prometheus: Prometheus, alertname: string, labels: Labels): Alert {
  const own = { alertname, ...labels };
  let hasFired = false;
  const isFiring = async () => (await prometheus.firing(own)).length > 0;
  return {
    isFiring,
    async fires() {
      await until(isFiring, `${JSON.stringify(own)} fires`);
      hasFired = true;
    },
    async ends() {
      await until(async () => !(await isFiring()), `${JSON.stringify(own)} ends`);
      if (hasFired) seenToEnd.add(alertname);
    },
  };
}
