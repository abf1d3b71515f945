import { bytesOf } from '../upstream/answer-body.ts';
import type { Caller, Layer, Send, UpstreamAnswer } from '../upstream/send.ts';
import type { RecordedCall } from './record.ts';

/** The recorded calls of a request, made again for its caller. */
export interface RepeatedCalls {
  /** True when every answer is what it was, byte for byte; false as soon as one is not. */
  readonly isUnchanged: Promise<boolean>;
  /** Gives each call that was made already its answer once, and makes all other calls. */
  readonly layer: Layer;
}

/**
 * Makes the calls at once that were made at once; each other when all that had been answered before it are as they
 * were, because else it might not be made at all.
 */
export function repeatCalls(calls: readonly RecordedCall[], send: Send, caller: Caller): RepeatedCalls {
  const unused = new Map<number, Promise<UpstreamAnswer>>();
  const started = new Set<number>();
  const unchanged = new Map<number, UpstreamAnswer>();
  const { promise, resolve } = Promise.withResolvers<boolean>();
  let isChanged = false;

  function change(): void {
    isChanged = true;
    resolve(false);
  }

  function startReady(): void {
    for (const [place, call] of calls.entries()) {
      if (isChanged) return;
      if (started.has(place) || !call.after.every((earlier) => unchanged.has(earlier))) continue;
      started.add(place);
      const answer = send(call.request, caller);
      unused.set(place, answer);
      answer.then((answer) => compare(place, call, answer), change);
    }
  }

  function compare(place: number, call: RecordedCall, answer: UpstreamAnswer): void {
    if (answer.status !== 200 || answer.contentType !== call.contentType || !holds(answer, call.body)) {
      change();
      return;
    }
    unchanged.set(place, answer);
    if (unchanged.size < calls.length) {
      startReady();
      return;
    }
    // The recorded answer is sent, so these bodies are not decoded.
    for (const { held } of unchanged.values()) {
      held?.hold.keep(0);
      held?.free();
    }
    resolve(true);
  }

  startReady();
  return {
    isUnchanged: promise,
    layer: (next) => (request, caller) => {
      for (const [place, answer] of unused) {
        const made = calls[place]?.request;
        if (made?.region !== request.region || made.method !== request.method || made.path !== request.path) continue;
        unused.delete(place);
        return answer;
      }
      return next(request, caller);
    },
  };
}

/** Whether an answer's body is this one, byte for byte. */
function holds(answer: UpstreamAnswer, body: Buffer): boolean {
  if (bytesOf(answer) !== body.length) return false;
  let at = 0;
  return answer.chunks.every((chunk) => {
    const from = at;
    at += chunk.length;
    return body.compare(chunk, 0, chunk.length, from, at) === 0;
  });
}
