import type { OperationReport } from '../operation.ts';
import { createOwnedCache, type OwnedCache } from '../owned-cache.ts';
import type { RecordedCall } from './record.ts';

/** A recorded answer, and the calls that it was made from. */
export interface Recorded {
  readonly calls: readonly RecordedCall[];
  /** The answer, complete. */
  readonly answer: { readonly contentType: string; readonly body: Buffer };
  readonly report: OperationReport;
}

/** The largest size of one record, in bytes. An answer with four fields of 10,000 volumes has 1.3 MB. */
export const mostRecordBytes = 4 * 1024 * 1024;

/**
 * The part of the memory that one owner may take. A part of the free memory would give the first owners much and the later
 * ones almost nothing, for as long as the first ones poll.
 */
const share = 1 / 10;

/** What a record takes beside its bodies and paths, in bytes, as measured: key, owners, report; and for each call. */
const overhead = { record: 2048, call: 512 };

/**
 * The recorded answers. Their owners are digests of the caller's tokens.
 * @param mostBytes of all records together.
 */
export function createStore(mostBytes: number): OwnedCache<Recorded> {
  const records = createOwnedCache<Recorded>({ mostBytes, sizeOf, mostOfOwner: () => mostBytes * share });
  return {
    ...records,
    keep(key, owners, recorded) {
      const { answer } = recorded;
      if (sizeOf(recorded) <= mostRecordBytes)
        records.keep(key, owners, { ...recorded, answer: { ...answer, body: exact(answer.body) } });
    },
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
