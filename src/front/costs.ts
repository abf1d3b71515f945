import { LRUCache } from 'lru-cache';
import type { WorkEstimate } from '../fairness/work.ts';

/** Remembers the work of earlier requests by caller and document: the cost of a scan depends on the tenant's data. */
export interface Costs {
  /** The expected work of a request, in microseconds. */
  estimate(owner: string, estimate: WorkEstimate): number;
  /** Records the work of a finished request. */
  note(owner: string, document: string, work: number): void;
}

/** The most pairs of caller and document that are remembered. */
const maxRemembered = 20_000;

/** If a document costs less than before, for example because of its variables, the remembered cost decays by this factor. */
const keptPart = 0.8;

export function createCosts(): Costs {
  const costs = new LRUCache<string, number>({ max: maxRemembered });
  return {
    estimate(owner, { document, atFirst, atMost }) {
      const known = document === null ? undefined : costs.get(keyOf(owner, document));
      return Math.min(known ?? atFirst, atMost);
    },
    note(owner, document, work) {
      const key = keyOf(owner, document);
      costs.set(key, Math.max(work, Math.floor((costs.peek(key) ?? 0) * keptPart)));
    },
  };
}

function keyOf(owner: string, document: string): string {
  return `${owner} ${document}`;
}
