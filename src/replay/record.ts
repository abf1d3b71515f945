import { bodyOf, bytesOf } from '../upstream/answer-body.ts';
import type { Layer, UpstreamAnswer, UpstreamRequest } from '../upstream/send.ts';

/** One recorded REST call. */
export interface RecordedCall {
  readonly request: UpstreamRequest;
  /** The indexes of the calls that had been answered before this one was made: it may depend on their responses. */
  readonly after: readonly number[];
  readonly contentType: string;
  readonly body: Buffer;
}

/** Records the REST calls of a request while they are made. */
export interface Recording {
  readonly layer: Layer;
  /** All calls; null if there was none, or if one was a write or has not been answered with 200. */
  wholeCalls(): readonly RecordedCall[] | null;
}

/** The body for the record; a copy if the reader of the answer will free it. */
function keptBody(answer: UpstreamAnswer): Buffer {
  return answer.held ? Buffer.from(bodyOf(answer)) : bodyOf(answer);
}

/** @param mostBytes the most bytes of all bodies together. If there are more, nothing is recorded. */
export function startRecording(mostBytes: number): Recording {
  const calls: (RecordedCall | { readonly request: UpstreamRequest; readonly after: readonly number[] })[] = [];
  const answered: number[] = [];
  let isWhole = true;
  let bytes = 0;
  return {
    layer: (next) => async (request, caller) => {
      const place = calls.push({ request, after: [...answered] }) - 1;
      if (request.method !== 'GET') isWhole = false;
      try {
        const answer = await next(request, caller);
        const { status, contentType } = answer;
        bytes += bytesOf(answer);
        if (status !== 200 || bytes > mostBytes) isWhole = false;
        // The copy lives as long as the request, and the body that it is made from is freed early.
        if (isWhole && answer.held) caller.memory.count('bodies', bytesOf(answer));
        if (isWhole) calls[place] = { request, after: calls[place]?.after ?? [], contentType, body: keptBody(answer) };
        else calls.length = 0;
        answered.push(place);
        return answer;
      } catch (error) {
        isWhole = false;
        throw error;
      }
    },
    wholeCalls() {
      const whole = calls.filter((call) => 'body' in call);
      return isWhole && whole.length > 0 && whole.length === calls.length ? whole : null;
    },
  };
}
