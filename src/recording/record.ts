import type { Layer, UpstreamRequest } from '../upstream/send.ts';
import type { Fingerprint, Fingerprints } from './fingerprint.ts';

/** One recorded REST call. */
export interface RecordedCall {
  readonly request: UpstreamRequest;
  /** The number of calls that had been answered before this one was made: it may depend on their responses. */
  readonly after: number;
  /** The number of calls that were answered before this one was. */
  readonly rank: number;
  readonly contentType: string;
  readonly body: Fingerprint;
}

/** Records the REST calls of a request while they are made. */
export interface Recording {
  readonly layer: Layer;
  /** All calls in the order in which they were made; null if there was none, or if one was a write or was not answered with 200. */
  wholeCalls(): readonly RecordedCall[] | null;
}

/** @param mostBytes the most bytes of all fingerprints together. If there are more, nothing is recorded. */
export function startRecording(fingerprints: Fingerprints, mostBytes: number): Recording {
  /** Null for a call without an answer. */
  const calls: (RecordedCall | null)[] = [];
  let answered = 0;
  let bytes = 0;
  let isWhole = true;

  function drop(): void {
    isWhole = false;
    calls.length = 0;
  }

  return {
    layer: (next) => async (request, caller) => {
      if (request.method !== 'GET') drop();
      if (!isWhole) return next(request, caller);
      const place = calls.push(null) - 1;
      const after = answered;
      try {
        const answer = await next(request, caller);
        // Before the answer is returned: the body may be freed when it has been decoded.
        const body = isWhole && answer.status === 200 ? await fingerprints.of(answer, caller) : null;
        bytes += body?.mark.length ?? 0;
        if (!isWhole || !body || bytes > mostBytes) {
          drop();
          return answer;
        }
        caller.memory.count('bodies', body.mark.length);
        calls[place] = { request, after, rank: answered++, contentType: answer.contentType, body };
        return answer;
      } catch (error) {
        drop();
        throw error;
      }
    },
    wholeCalls() {
      const whole = calls.filter((call) => call !== null);
      return whole.length > 0 && whole.length === calls.length ? whole : null;
    },
  };
}
