import type { IncomingMessage } from 'node:http';
import { type WorkEstimate, workOfBytes, workOfCall } from '../fairness/work.ts';
import type { WholeAnswer } from '../gateway/gateway.ts';
import type { Admit } from '../operation.ts';
import type { Caller, Layer, Send } from '../upstream/send.ts';
import { createKeys } from './key.ts';
import { startRecording } from './record.ts';
import { startReplay } from './repeat.ts';
import { createStore, mostRecordBytes, type Recorded } from './store.ts';

/**
 * Answers repeated requests from a record. The REST calls are made again, with the caller's own token. If every response is
 * byte for byte the same as before, the recorded answer is sent, and nothing is decoded, executed or written. So an answer is
 * never stale and never another caller's: the caller has just received the bytes that it is made of.
 */
export interface Cutoff {
  /**
   * Finds out whether the recorded answer is still valid. If not, gives the layer for the calls of the request. The request is
   * admitted before recorded calls are repeated; null if it is refused.
   * @param by.owners digests of the caller's tokens. The record counts against the share of each.
   */
  begin(
    request: IncomingMessage,
    body: string | null,
    by: { readonly caller: Caller; readonly owners: readonly string[]; readonly send: Send; readonly admit: Admit },
  ): Promise<Begun | null>;
  close(): void;
}

export interface Begun {
  /** The recorded answer if nothing has changed, else null. */
  readonly recorded: Recorded | null;
  readonly layer: Layer | null;
  /** To be called with the answer. Records it if that is allowed. */
  keep(answer: WholeAnswer): void;
}

const isNew: Begun = { recorded: null, layer: null, keep: () => {} };

/**
 * @param mostBytes of all records together.
 * @param documentsVersion grows with each change of the persisted documents: an id may stand for another one then, or none.
 */
export function createCutoff(mostBytes: number, documentsVersion: () => number): Cutoff {
  const keys = createKeys(documentsVersion);
  const store = createStore(mostBytes);
  return {
    close: store.close,
    async begin(request, body, { caller, owners, send, admit }) {
      const key = keys.ofRequest(request, body ?? '');
      const known = store.find(key);
      if (known && !(await admit(estimateOf(known)))) return null;
      const start = performance.now();
      const replay = known && startReplay(known.calls, send, caller);
      if (known && (await replay?.isUnchanged)) {
        store.noteUnchanged(key);
        return { ...isNew, recorded: known };
      }
      if (!store.noteAnew(key)) return { ...isNew, layer: replay?.layer ?? null };
      const recording = startRecording(mostRecordBytes);
      return {
        recorded: null,
        layer: (next) => recording.layer(replay ? replay.layer(next) : next),
        keep({ isPlain, headers, body: written, report }) {
          const calls = recording.finish();
          const now = performance.now();
          // Lists stop reading after half of the time. If the request took that long its lists may be incomplete.
          const isInTime = now - start < caller.deadline - now;
          if (!calls || !isPlain || !caller.isRepeatable() || !isInTime) return;
          const contentType = headers['content-type'] ?? '';
          store.keep(key, owners, { calls, answer: { contentType, body: written }, report });
        },
      };
    },
  };
}

/** The work of repeating the calls and writing the answer. */
function estimateOf({ calls, answer }: Recorded): WorkEstimate {
  const work = calls.length * workOfCall + workOfBytes(answer.body.length);
  return { shape: null, atFirst: work, atMost: work };
}
