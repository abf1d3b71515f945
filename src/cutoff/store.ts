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
  /** Told that the regions say what they said when it was recorded. */
  noteUnchanged(key: string): void;
  /**
   * Told that a request has to be answered anew; forgets its record. Says whether the answer is worth recording: not when
   * the request is seen for the first time, nor each time where what was recorded has always changed by the next.
   */
  noteAnew(key: string): boolean;
  /** @param owners whose it is: each may take a tenth of the room. */
  keep(key: string, owners: Iterable<string>, recorded: Recorded): void;
  /** Stops the sweep of idle records. */
  readonly close: () => void;
}

/** Of one record, in bytes. */
export const mostRecordBytes = 1024 * 1024;

/** The part of the room that one owner may take. */
const share = 1 / 10;

const bounds = {
  /** Milliseconds after its last request at which a record is released, and milliseconds between two sweeps. */
  idleMs: 60_000,
  sweepMs: 2_000,
  /** Requests that were seen. */
  seen: 10_000,
  /** Of a request that changes each time one in so many is recorded, as a power of two. */
  wasted: 4,
};

/** What is known of a request beside its record. */
interface History {
  /** Times it was answered since it was recorded. */
  passed: number;
  /** How often in a row its record had changed before it was of use. */
  wasted: number;
}

interface Entry {
  readonly owners: ReadonlySet<string>;
  /** In bytes. */
  readonly size: number;
  readonly recorded: Recorded;
  isConfirmed: boolean;
}

/** @param mostBytes of all records together. */
export function createStore(mostBytes: number): Store {
  const taken = new Map<string, number>();
  const bodies = createBodies();
  const seen = new LRUCache<string, History>({ max: bounds.seen, ttl: bounds.idleMs, updateAgeOnGet: true });
  const records = new LRUCache<string, Entry>({
    maxSize: mostBytes,
    ttl: bounds.idleMs,
    updateAgeOnGet: true,
    sizeCalculation: ({ size }) => size,
    dispose({ owners, size, recorded }) {
      for (const owner of owners) take(owner, -size);
      for (const { body } of recorded.calls) bodies.release(body);
    },
  });
  // An idle record holds memory and a part of its owner's share, so it is released even if no more requests arrive.
  const sweep = setInterval(() => records.purgeStale(), bounds.sweepMs).unref();

  function take(owner: string, bytes: number): void {
    const now = (taken.get(owner) ?? 0) + bytes;
    if (now > 0) taken.set(owner, now);
    else taken.delete(owner);
  }

  return {
    find: (key) => records.get(key)?.recorded,
    noteUnchanged(key) {
      const record = records.get(key);
      if (record) record.isConfirmed = true;
    },
    noteAnew(key) {
      const history = seen.get(key);
      if (!history) {
        seen.set(key, { passed: 0, wasted: 0 });
        return false;
      }
      const record = records.get(key);
      if (!record) return ++history.passed >= 2 ** Math.min(history.wasted, bounds.wasted);
      records.delete(key);
      history.passed = 0;
      history.wasted = record.isConfirmed ? 0 : history.wasted + 1;
      return record.isConfirmed;
    },
    keep(key, named, recorded) {
      records.delete(key);
      const size = sizeOf(recorded);
      const owners = new Set(named);
      const hasRoom = (owner: string) => (taken.get(owner) ?? 0) + size <= mostBytes * share;
      if (size > mostRecordBytes || ![...owners].every(hasRoom)) return;
      for (const owner of owners) take(owner, size);
      const calls = recorded.calls.map((call) => ({ ...call, body: bodies.hold(call.body) }));
      records.set(key, { owners, size, recorded: { ...recorded, calls }, isConfirmed: false });
    },
    close: () => clearInterval(sweep),
  };
}

function sizeOf({ calls, answer }: Recorded): number {
  return calls.reduce((sum, { body }) => sum + body.length, answer.body.length);
}
