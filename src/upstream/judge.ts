import { UpstreamError } from './error.ts';
import type { Caller, Layer, UpstreamAnswer, UpstreamRequest } from './send.ts';

/** Learns from what comes of the calls that are sent. */
export interface Judge {
  noteAnswer(call: SentCall, answer: UpstreamAnswer): void;
  noteError(call: SentCall, error: UpstreamError): void;
}

export interface SentCall {
  readonly request: UpstreamRequest;
  readonly caller: Caller;
  /** When it was made, on the clock of `performance.now()`. */
  readonly begunAt: number;
}

/** Shows the judges what comes of each call. Comes directly around the attempts, after the layers in which calls wait. */
export function showTo(...judges: readonly Judge[]): Layer {
  return (next) => async (request, caller) => {
    const call = { request, caller, begunAt: performance.now() };
    try {
      const answer = await next(request, caller);
      for (const judge of judges) judge.noteAnswer(call, answer);
      return answer;
    } catch (error) {
      if (error instanceof UpstreamError) for (const judge of judges) judge.noteError(call, error);
      throw error;
    }
  };
}
