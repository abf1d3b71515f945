import { createOwnedCache, type OwnedCache } from '../kept/owned-cache.ts';
import type { OperationReport } from '../operation.ts';
import type { RecordedCall } from '../recording/record.ts';

/** A recorded answer, and the calls that it was made from. */
export interface Recorded {
  readonly calls: readonly RecordedCall[];
  /** The answer, complete. */
  readonly answer: { readonly contentType: string; readonly body: Buffer };
  readonly report: OperationReport;
}

/** The largest size of one record, in bytes. An answer with four fields of 10,000 volumes has 1.3 MB. */
export const mostRecordBytes = 4 * 1024 * 1024;

/** The part of the memory for records that one owner may take. */
const share = 1 / 10;

/** What a record takes beside its bodies and paths, in bytes, as measured: key, owners, report; and for each call. */
const overhead = { record: 2048, call: 512 };

/** The recorded answers. */
export interface Store extends Omit<OwnedCache<Recorded>, 'keep'> {
  /** @param owners digests of the caller's tokens. */
  keep(key: string, owners: Iterable<string>, recorded: Recorded): void;
}

/** @param mostBytes of all records together. */
export function createStore(mostBytes: number): Store {
  const records = createOwnedCache<Recorded>({ mostBytes, share });
  return {
    ...records,
    keep(key, owners, recorded) {
      const size = sizeOf(recorded);
      if (size <= mostRecordBytes) records.keep(key, owners, size, () => withOwnBody(recorded));
    },
  };
}

/** The record with its body in memory of its own: a small body may be part of a slab, all of which it would keep. */
function withOwnBody(recorded: Recorded): Recorded {
  const { contentType, body } = recorded.answer;
  if (body.buffer.byteLength === body.length) return recorded;
  const copy = Buffer.allocUnsafeSlow(body.length);
  body.copy(copy);
  return { ...recorded, answer: { contentType, body: copy } };
}

function sizeOf({ calls, answer }: Recorded): number {
  let bytes = overhead.record + answer.body.length;
  for (const { request, body } of calls) bytes += overhead.call + request.path.length + body.mark.length;
  return bytes;
}
