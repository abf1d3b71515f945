import { LRUCache } from 'lru-cache';
import type { OperationReport } from '../operation.ts';
import { createBodies } from './bodies.ts';
import type { RecordedCall } from './record.ts';

/** A recorded answer, and the calls that it was made from. */
export interface Recorded {
  readonly calls: readonly RecordedCall[];
  /** The answer, complete. */
  readonly answer: { readonly contentType: string; readonly body: Buffer };
  readonly report: OperationReport;
}

/** The recorded answers, within limits of memory. */
export interface Store {
  find(key: string): Recorded | undefined;
  /** To be called when the responses were the same as when the answer was recorded. */
  noteUnchanged(key: string): void;
  /**
   * To be called when a request must be executed. Drops its record. Returns whether to record the new answer: not if the
   * request is seen for the first time, and less and less often if its records were never of use.
   */
  noteAnew(key: string): boolean;
  /** @param owners digests of the caller's tokens. Each may have a tenth of the memory for records. */
  keep(key: string, owners: Iterable<string>, recorded: Recorded): void;
  /** Stops the sweep of idle records. */
  readonly close: () => void;
}

/** The largest size of one record, in bytes. */
export const mostRecordBytes = 1024 * 1024;

/** The part of the room that one owner may take. */
const share = 1 / 10;

const bounds = {
  /** Milliseconds after its last request at which a record is released, and milliseconds between two sweeps. */
  idleMs: 60_000,
  sweepMs: 2_000,
  /** The number of requests whose history is kept. */
  seen: 10_000,
  /** Back-off: after n records that were never of use, one request in 2^n is recorded, with n up to this. */
  wasted: 4,
};

/** The history of a request. */
interface History {
  /** How often it was executed since its last record was dropped. */
  passed: number;
  /** The number of records in a row that were never of use. */
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
