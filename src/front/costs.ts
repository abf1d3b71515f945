import { LRUCache } from 'lru-cache';
import type { WorkEstimate } from '../fairness/work.ts';

/** What requests came to, by caller and document: a scan costs what the tenant has, which no document says. */
export interface Costs {
  /** What a request will probably come to. */
  estimate(owner: string, estimate: WorkEstimate): number;
  /** Told what a request has come to. */
  note(owner: string, document: string, work: number): void;
}

/** Documents of callers that are remembered. */
const maxRemembered = 20_000;

/** A document can cost less than it did before, such as when it asks for fewer rows: then its cost falls step by step. */
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
