import { UpstreamError } from './error.ts';
import type { Caller, Layer, UpstreamAnswer, UpstreamRequest } from './send.ts';

/** Is told the outcomes of calls that were sent. */
export interface OutcomeListener {
  onAnswer(call: SentCall, answer: UpstreamAnswer): void;
  onError(call: SentCall, error: UpstreamError): void;
}

export interface SentCall {
  readonly request: UpstreamRequest;
  readonly caller: Caller;
  /** When it was made, on the clock of `performance.now()`. */
  readonly begunAt: number;
}

/** Tells the listeners the outcome of each call. Comes directly around the attempts, after the layers in which calls wait. */
export function reportTo(...listeners: readonly OutcomeListener[]): Layer {
  return (next) => async (request, caller) => {
    const call = { request, caller, begunAt: performance.now() };
    try {
      const answer = await next(request, caller);
      for (const listener of listeners) listener.onAnswer(call, answer);
      return answer;
    } catch (error) {
      if (error instanceof UpstreamError) for (const listener of listeners) listener.onError(call, error);
      throw error;
    }
  };
}
