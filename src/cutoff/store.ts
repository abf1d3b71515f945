import { LRUCache } from 'lru-cache';
import type { OperationReport } from '../context.ts';
import { createBodies } from './bodies.ts';
import type { RecordedCall } from './record.ts';

/** A request that was answered, and what it was made from. */
export interface Recorded {
  readonly calls: readonly RecordedCall[];
  /** The answer, complete. */
  readonly answer: { readonly contentType: string; readonly body: Buffer };
  readonly report: OperationReport;
}

/** Recorded requests, in bounds. */
export interface Store {
  find(key: string): Recorded | undefined;
  /** True when such a request was made a short while ago: then this one is worth recording. */
  isSecond(key: string): boolean;
  /** @param caller whose it is: each may take a tenth of the room. */
  keep(key: string, caller: string, recorded: Recorded): void;
}

const bounds = {
  /** Of one record, and of all, in bytes. */
  record: 1024 * 1024,
  all: 64 * 1024 * 1024,
  ofOneCaller: 6.4 * 1024 * 1024,
  /** What nobody asks for goes after so many milliseconds. */
  idleMs: 60_000,
  /** Requests that were seen once. */
  seen: 10_000,
};

export function createStore(): Store {
  const taken = new Map<string, number>();
  const bodies = createBodies();
  const seen = new LRUCache<string, true>({ max: bounds.seen, ttl: bounds.idleMs });
  const records = new LRUCache<string, { caller: string; size: number; recorded: Recorded }>({
    maxSize: bounds.all,
    ttl: bounds.idleMs,
    updateAgeOnGet: true,
    sizeCalculation: ({ size }) => size,
    dispose({ caller, size, recorded }) {
      const left = (taken.get(caller) ?? 0) - size;
      if (left > 0) taken.set(caller, left);
      else taken.delete(caller);
      for (const { body } of recorded.calls) bodies.release(body);
    },
  });
  return {
    find: (key) => records.get(key)?.recorded,
    isSecond(key) {
      if (seen.has(key)) return true;
      seen.set(key, true);
      return false;
    },
    keep(key, caller, recorded) {
      records.delete(key);
      const size = sizeOf(recorded);
      if (size > bounds.record || (taken.get(caller) ?? 0) + size > bounds.ofOneCaller) return;
      taken.set(caller, (taken.get(caller) ?? 0) + size);
      const calls = recorded.calls.map((call) => ({ ...call, body: bodies.hold(call.body) }));
      records.set(key, { caller, size, recorded: { ...recorded, calls } });
    },
  };
}

function sizeOf({ calls, answer }: Recorded): number {
  return calls.reduce((sum, { body }) => sum + body.length, answer.body.length);
}
