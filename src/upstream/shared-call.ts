import { Ending } from '../fairness/until.ts';
import { outOfMemory, UpstreamError } from './error.ts';
import type { Caller, HeldBody, Send, UpstreamAnswer, UpstreamRequest } from './send.ts';

/** A queued call, and the callers that wait for its response. */
export interface SharedCall {
  /** The caller whose memory the response uses: the first one that has not abandoned. */
  readonly payer: () => Caller;
  start(): void;
  /**
   * Waits for the response, until the caller leaves or its deadline passes. When the last caller has left, the call is
   * cancelled and `remove` takes it out of the queue.
   */
  join(request: UpstreamRequest, caller: Caller, remove: () => void): Promise<UpstreamAnswer>;
}

export function createSharedCall(first: Caller, send: (caller: Caller) => ReturnType<Send>): SharedCall {
  const abandoned = new Ending();
  const { promise, resolve } = Promise.withResolvers<UpstreamAnswer>();
  // After all callers have left, a failure must not count as an unhandled rejection.
  promise.catch(() => {});
  const present: Caller[] = [];
  let payer = first;
  let isShared = false;
  let started = false;
  let deadline = 0;

  /** Whether the call was handed to a socket. While others still wait for it, a call that has started counts as sent. */
  async function wasSent(): Promise<boolean> {
    if (!started || !abandoned.aborted) return started;
    const outcome = await promise.catch((error: unknown) => error);
    return outcome instanceof UpstreamError ? outcome.sent : true;
  }

  return {
    payer: () => present[0] ?? first,
    start() {
      started = true;
      payer = present[0] ?? first;
      isShared = present.length > 1;
      // The payer may leave before the others. Its memory must last as long as the call.
      const done = payer.memory.retain();
      resolve(send({ ...payer, signal: abandoned, deadline }).finally(done));
    },
    async join(request, caller, remove) {
      present.push(caller);
      deadline = Math.max(deadline, caller.deadline);
      const gone = Promise.withResolvers<'cancelled' | 'timeout'>();
      const onAbort = () => gone.resolve('cancelled');
      const timer = setTimeout(gone.resolve, Math.max(0, caller.deadline - performance.now()), 'timeout');
      caller.signal.addEventListener('abort', onAbort);
      if (caller.signal.aborted) onAbort();
      const outcome = await Promise.race([promise.catch(asFailure), gone.promise]);
      clearTimeout(timer);
      caller.signal.removeEventListener('abort', onAbort);
      present.splice(present.indexOf(caller), 1);
      if (present.length === 0) {
        remove();
        abandoned.abort(nobodyWaits);
      }
      if (typeof outcome === 'string') throw new UpstreamError(outcome, request, { sent: await wasSent() });
      if ('failure' in outcome) throw forJoined(outcome.failure, request);
      const { held } = outcome;
      if (!isShared) return { ...outcome };
      const isHeldAlready = !held || caller === payer;
      return { ...outcome, free: () => {}, held: isHeldAlready ? held : await holdToo(held, request, caller) };
    },
  };
}

/** Every caller decodes a shared response by itself, so each needs memory for it. */
async function holdToo(held: HeldBody, request: UpstreamRequest, caller: Caller): Promise<HeldBody> {
  const hold = caller.memory.hold('bodies');
  const shortage = await hold.grow(held.bytes, caller);
  if (shortage) throw outOfMemory(shortage, request);
  return { ...held, hold };
}

function asFailure(failure: unknown) {
  return { failure };
}

/** Creates a new error for each caller. */
function forJoined(failure: unknown, request: UpstreamRequest): unknown {
  return failure instanceof UpstreamError ? new UpstreamError(failure.kind, request, failure) : failure;
}

const nobodyWaits = new Error('nobody waits for the answer');
