import type { Caller, Layer, Send, UpstreamAnswer, UpstreamRequest } from '../upstream/send.ts';
import type { Fingerprints } from './fingerprint.ts';
import type { RecordedCall } from './record.ts';

/** The recorded calls of a request, made again for its caller. */
export interface RepeatedCalls {
  /** True when all responses are the same as before; false as soon as one is not. */
  readonly isUnchanged: Promise<boolean>;
  /** Gives each call that was made already its answer once, and makes all other calls. */
  readonly layer: Layer;
}

/**
 * Makes the calls at once that were made at once. Each other call is made when all responses that came before it are the
 * same as before: otherwise it might not be made at all.
 */
export function repeatCalls(
  calls: readonly RecordedCall[],
  fingerprints: Fingerprints,
  send: Send,
  caller: Caller,
): RepeatedCalls {
  const unused = new Map<RecordedCall, Promise<UpstreamAnswer>>();
  /** The unchanged responses, each in the place of its rank. */
  const unchanged = new Array<UpstreamAnswer | null>(calls.length).fill(null);
  /** The number of ranks from the first one on whose responses are all unchanged. */
  let ranks = 0;
  let started = 0;
  let isChanged = false;
  const { promise, resolve } = Promise.withResolvers<boolean>();

  function change(): void {
    isChanged = true;
    resolve(false);
  }

  /** The calls are in the order in which they were made, so `after` never decreases from one to the next. */
  function startReady(): void {
    for (let call = calls[started]; call && call.after <= ranks && !isChanged; call = calls[++started]) start(call);
  }

  function start(call: RecordedCall): void {
    const answer = send(call.request, caller);
    unused.set(call, answer);
    answer.then((response) => compare(call, response)).catch(change);
  }

  async function compare(call: RecordedCall, answer: UpstreamAnswer): Promise<void> {
    const isSame =
      answer.status === 200 &&
      answer.contentType === call.contentType &&
      (await fingerprints.matches(answer, call.body, caller));
    if (!isSame) change();
    // Once a call has changed, execution may have freed this body: its tag means nothing.
    if (isChanged) return;
    unchanged[call.rank] = answer;
    while (unchanged[ranks]) ranks++;
    if (ranks < calls.length) {
      startReady();
      return;
    }
    free(unchanged);
    resolve(true);
  }

  startReady();
  return {
    isUnchanged: promise,
    layer: (next) => (request, caller) => takeOut(unused, request) ?? next(request, caller),
  };
}

/** Frees the memory of bodies that are not decoded, because the recorded answer is sent. */
function free(answers: readonly (UpstreamAnswer | null)[]): void {
  for (const answer of answers) {
    answer?.held?.hold.keep(0);
    answer?.free();
  }
}

/** Removes the first call that is this request, and returns its answer; null if there is none. */
function takeOut(
  unused: Map<RecordedCall, Promise<UpstreamAnswer>>,
  { region, method, path }: UpstreamRequest,
): Promise<UpstreamAnswer> | null {
  for (const [call, answer] of unused) {
    const made = call.request;
    if (made.region !== region || made.method !== method || made.path !== path) continue;
    unused.delete(call);
    return answer;
  }
  return null;
}
