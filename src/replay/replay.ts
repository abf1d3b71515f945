import type { IncomingMessage } from 'node:http';
import { type WorkEstimate, workOfBytes, workOfCall } from '../fairness/work.ts';
import type { DataAnswer } from '../gateway/answer.ts';
import type { Admit } from '../operation.ts';
import { createFingerprints } from '../recording/fingerprint.ts';
import { type Recording, startRecording } from '../recording/record.ts';
import { repeatCalls } from '../recording/repeat.ts';
import type { Caller, Layer, Send } from '../upstream/send.ts';
import { createKeys } from './key.ts';
import { createStore, mostRecordBytes, type Recorded } from './store.ts';

/**
 * Answers repeated requests from a record. The REST calls are made again, with the caller's own token. If every response has
 * the same length and the same keyed fingerprint as before, the recorded answer is sent, and nothing is decoded, executed or
 * written. So an answer is never stale and never another caller's: the caller has just received the bytes that it is made of.
 */
export interface Replays {
  /**
   * Finds out whether the recorded answer is still valid. The request is admitted before recorded calls are repeated.
   * @param by.owners digests of the caller's tokens. The record counts against the share of each.
   */
  begin(
    request: IncomingMessage,
    body: string | null,
    by: { readonly caller: Caller; readonly owners: readonly string[]; readonly send: Send; readonly admit: Admit },
  ): Promise<Replay>;
  close(): void;
}

/** What the record of a request is good for. */
export type Replay =
  /** The request was not admitted. */
  | { readonly kind: 'refused' }
  /** The recorded answer is still valid. */
  | { readonly kind: 'unchanged'; readonly recorded: Recorded }
  | ToExecute;

/** There is no valid record: the request has to be executed. */
export interface ToExecute {
  readonly kind: 'toExecute';
  /** For the calls of the request; null if it needs none. */
  readonly layer: Layer | null;
  /** To be called with the answer. Records it if that is allowed. */
  readonly keep: (answer: DataAnswer) => void;
}

/** A request whose answer is not recorded. */
export const unrecorded: ToExecute = { kind: 'toExecute', layer: null, keep: () => {} };

/**
 * @param mostBytes of all records together.
 * @param documentsVersion grows with each change of the persisted documents: an id may stand for another one then, or none.
 */
export function createReplays(mostBytes: number, documentsVersion: () => number): Replays {
  const keys = createKeys(documentsVersion);
  const fingerprints = createFingerprints();
  const store = createStore(mostBytes);
  return {
    close: store.close,
    async begin(request, body, { caller, owners, send, admit }) {
      const key = keys.ofRequest(request, body ?? '');
      const known = store.find(key);
      if (known && !(await admit(estimateOf(known)))) return { kind: 'refused' };
      const start = performance.now();
      const repeated = known && repeatCalls(known.calls, fingerprints, send, caller);
      if (known && (await repeated?.isUnchanged)) {
        store.noteHit(key);
        return { kind: 'unchanged', recorded: known };
      }
      if (!store.noteMiss(key, known)) return { ...unrecorded, layer: repeated?.layer ?? null };
      const recording = startRecording(fingerprints, mostRecordBytes);
      return {
        kind: 'toExecute',
        layer: (next) => recording.layer(repeated ? repeated.layer(next) : next),
        keep({ contentType, body, report }) {
          const calls = callsToKeep(recording, caller, start);
          if (calls) store.keep(key, owners, { calls, answer: { contentType, body }, report });
        },
      };
    },
  };
}

/**
 * The calls of an answer that may be recorded; null if it may not, because the same responses might not give the same answer
 * again.
 */
function callsToKeep(recording: Recording, caller: Caller, start: number) {
  const now = performance.now();
  // Lists stop reading after half of the time. If the request took that long its lists may be incomplete.
  const isInTime = now - start < caller.deadline - now;
  return isInTime && caller.isRepeatable() ? recording.wholeCalls() : null;
}

/** The work of repeating the calls and writing the answer. */
function estimateOf({ calls, answer }: Recorded): WorkEstimate {
  const work = calls.length * workOfCall + workOfBytes(answer.body.length);
  return { shape: null, atFirst: work, atMost: work };
}
