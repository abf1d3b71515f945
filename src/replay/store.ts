import { LRUCache } from 'lru-cache';
import type { OperationReport } from '../operation.ts';
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
  noteExecuted(key: string): boolean;
  /** @param owners digests of the caller's tokens. Each may have a tenth of the memory for records. */
  keep(key: string, owners: Iterable<string>, recorded: Recorded): void;
  /** Stops the sweep of idle records. */
  readonly close: () => void;
}

/** The largest size of one record, in bytes. An answer with four fields of 10,000 volumes has 1.3 MB. */
export const mostRecordBytes = 4 * 1024 * 1024;

/**
 * The part of the memory that one owner may take. A part of the free memory would give the first owners much and the later
 * ones almost nothing, for as long as the first ones poll.
 */
const share = 1 / 10;

const bounds = {
  /** Milliseconds after its last request at which a record is released, and milliseconds between two sweeps. */
  idleMs: 60_000,
  sweepMs: 2_000,
  /** Milliseconds for which a time that was read from the clock is used. */
  clockMs: 1_000,
  /** The number of requests whose history is kept. */
  seen: 20_000,
  /** Back-off: after n recordings that were never of use, one request in 2^n is recorded, with n up to this. */
  vain: 6,
};

/** What a record takes beside its bodies and paths, in bytes, as measured: key, owners, report; and for each call. */
const overhead = { record: 2048, call: 512 };

/** The history of a request. */
interface History {
  /** How often it was executed since it was last recorded. */
  passed: number;
  /** How often it was recorded since a record of it was last of use. */
  vain: number;
}

interface Entry {
  readonly owners: ReadonlySet<string>;
  /** In bytes. */
  readonly size: number;
  readonly recorded: Recorded;
}

/** @param mostBytes of all records together. */
export function createStore(mostBytes: number): Store {
  const taken = new Map<string, number>();
  const lifetime = { ttl: bounds.idleMs, ttlResolution: bounds.clockMs, updateAgeOnGet: true };
  const seen = new LRUCache<string, History>({ max: bounds.seen, ...lifetime });
  const records = new LRUCache<string, Entry>({
    maxSize: mostBytes,
    ...lifetime,
    sizeCalculation: ({ size }) => size,
    dispose({ owners, size }) {
      for (const owner of owners) take(owner, -size);
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
      const history = seen.get(key);
      if (history) history.vain = 0;
    },
    noteExecuted(key) {
      records.delete(key);
      const history = seen.get(key);
      if (!history) {
        seen.set(key, { passed: 0, vain: 0 });
        return false;
      }
      if (++history.passed < 2 ** Math.min(history.vain, bounds.vain)) return false;
      history.passed = 0;
      history.vain++;
      return true;
    },
    keep(key, named, { calls, answer, report }) {
      records.delete(key);
      const recorded = { calls, answer: { ...answer, body: exact(answer.body) }, report };
      const size = sizeOf(recorded);
      const owners = new Set(named);
      const hasRoom = (owner: string) => (taken.get(owner) ?? 0) + size <= mostBytes * share;
      if (size > mostRecordBytes || ![...owners].every(hasRoom)) return;
      for (const owner of owners) take(owner, size);
      records.set(key, { owners, size, recorded });
    },
    close: () => clearInterval(sweep),
  };
}

/** The body in memory of its own: a small one may be part of a slab, all of which it would keep. */
function exact(body: Buffer): Buffer {
  if (body.buffer.byteLength === body.length) return body;
  const copy = Buffer.allocUnsafeSlow(body.length);
  body.copy(copy);
  return copy;
}

function sizeOf({ calls, answer }: Recorded): number {
  let bytes = overhead.record + answer.body.length;
  for (const { request, body } of calls) bytes += overhead.call + request.path.length + body.mark.length;
  return bytes;
}
