import { LRUCache } from 'lru-cache';
import type { WorkEstimate } from '../../fairness/work.ts';

/** Remembers the work of earlier requests by caller and shape: the cost of a scan depends on the tenant's data. */
export interface Costs {
  /** The expected work of a request, in microseconds: what the caller's last ones cost, or else those of all callers. */
  estimate(owner: string, shape: string, estimate: Pick<WorkEstimate, 'atFirst' | 'atMost'>): number;
  /** Records the work of a running request that exceeds its estimate. Never lowers an estimate. */
  raise(owner: string, shape: string, work: number): void;
  /** Records the work of a request that was answered without errors. */
  note(owner: string, shape: string, work: number): void;
}

/** The most pairs of caller and shape that are remembered, and shapes of all callers. */
const maxRemembered = 20_000;

/** If a request costs less than those before it, the remembered cost decays by this factor. */
const keptPart = 0.8;

/** The weight of the latest request in the average of all callers. */
const weight = 0.1;

export function createCosts(): Costs {
  const own = new LRUCache<string, number>({ max: maxRemembered });
  const ofAll = new LRUCache<string, number>({ max: maxRemembered });
  return {
    estimate(owner, shape, { atFirst, atMost }) {
      const known = own.get(keyOf(owner, shape)) ?? ofAll.get(shape) ?? atFirst;
      return Math.min(known, atMost);
    },
    raise(owner, shape, work) {
      const key = keyOf(owner, shape);
      own.set(key, Math.max(work, own.peek(key) ?? 0));
    },
    note(owner, shape, work) {
      const key = keyOf(owner, shape);
      own.set(key, Math.max(work, Math.floor((own.peek(key) ?? 0) * keptPart)));
      const average = ofAll.peek(shape) ?? work;
      ofAll.set(shape, Math.round(average + weight * (work - average)));
    },
  };
}

function keyOf(owner: string, shape: string): string {
  return `${owner} ${shape}`;
}
