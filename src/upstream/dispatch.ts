import type { Socket } from 'node:net';
import type { Dispatcher, Pool } from 'undici';
import type { Shortage } from '../fairness/memory.ts';
import { CallTimer } from './call-timer.ts';
import { isDecompressionError } from './decompress.ts';
import { type Evidence, outOfMemory, UpstreamError } from './error.ts';
import type { UpstreamFailure } from './failure.ts';
import { codeOf, connectTimeout, type Fault, faultOf } from './fault.ts';
import { type CarriedHandler, type Connection, clientOptions } from './pool.ts';
import { Receiving } from './receive.ts';
import { secondsToWait } from './retry-after.ts';
import type { Caller, UpstreamAnswer, UpstreamRequest } from './send.ts';

/** The error of connections that the gateway closes itself. Created once, because creating an error captures the stack. */
const retired = new Error('the connection was closed because an answer on it may have belonged to another call');

/** Replaces a body that cannot be decompressed. It is not JSON. */
const corrupt = Buffer.from('(corrupt)');

/** A timeout counts only if the call had at least this share of `timeoutMs`. */
const leastShareOfTime = 0.9;

export interface Limits {
  readonly caller: Caller;
  /** The timeout of this call: `timeoutMs`, or less if the caller’s deadline is nearer. */
  readonly milliseconds: number;
  /** The timeout of a call without regard to the caller’s deadline, in milliseconds. */
  readonly timeoutMs: number;
}

/** Sends one call. Settles when the response is complete, the time is up or the caller leaves. */
export function dispatch(
  pool: Pool,
  wire: Dispatcher.DispatchOptions,
  request: UpstreamRequest,
  limits: Limits,
): Promise<UpstreamAnswer> {
  return new Promise((resolve, reject) => {
    pool.dispatch(wire, new CallHandler(request, limits, { resolve, reject }));
  });
}

interface Outcome {
  readonly resolve: (answer: UpstreamAnswer) => void;
  readonly reject: (error: UpstreamError) => void;
}

type Headers = Parameters<NonNullable<Dispatcher.DispatchHandler['onResponseStart']>>[2];

/** One call. Knows whether its request was handed to a socket, and so whether a write may have been carried out. */
class CallHandler implements CarriedHandler {
  readonly #request: UpstreamRequest;
  readonly #caller: Caller;
  readonly #outcome: Outcome;
  readonly #timer: CallTimer;
  readonly #body: Receiving;
  readonly #onAbort = () => this.#fail('cancelled', { cause: this.#caller.signal.reason });
  #started: Dispatcher.DispatchController | null = null;
  #isOver = false;
  #status = 0;
  #headers: Headers = {};
  #socketOf: () => Socket | null = () => null;
  /** The socket that the response came on. */
  #carrier: Socket | null = null;
  /** Settles when there is memory for the received part of the body. Null while the call waits for no memory. */
  #payment: Promise<void> | null = null;

  constructor(request: UpstreamRequest, limits: Limits, outcome: Outcome) {
    const { caller, milliseconds, timeoutMs } = limits;
    this.#request = request;
    this.#caller = caller;
    this.#outcome = outcome;
    this.#body = new Receiving(caller.memory);
    this.#timer = new CallTimer(milliseconds, caller.deadline, (isTelling) => {
      const hadItsTime = milliseconds >= leastShareOfTime * timeoutMs;
      const evidence = this.#started === null ? 'againstRegion' : 'againstCaller';
      this.#fail('timeout', { evidence: hadItsTime && isTelling ? evidence : null, fault: this.#timeoutFault() });
    });
    caller.signal.addEventListener('abort', this.#onAbort);
  }

  onConnection({ socket }: Connection): void {
    this.#socketOf = socket;
  }

  onRequestStart(controller: Dispatcher.DispatchController): void {
    // The call may have ended while the connection was being opened.
    if (this.#isOver) controller.abort(new Error('nobody waits for the answer'));
    else this.#started = controller;
  }

  onResponseStart(_: Dispatcher.DispatchController, status: number, headers: Headers): void {
    // An interim response, such as 103; the final one follows (RFC 9110, 15.2).
    if (status < 200) return;
    // Taken now: once the response has been decompressed or has waited for memory, the connection may have a new socket.
    this.#carrier = this.#socketOf();
    this.#status = status;
    this.#headers = headers;
    const length = Number(text(headers['content-length']) ?? Number.NaN);
    if (length > clientOptions.maxResponseSize) this.#fail('tooLarge');
    else this.#body.expect(length);
  }

  onResponseData(controller: Dispatcher.DispatchController, chunk: Buffer): void {
    if (this.#isOver || this.#body.take(chunk)) return;
    this.#payment ??= this.#pay(controller).finally(() => {
      this.#payment = null;
    });
  }

  onResponseEnd(): void {
    if (this.#body.isSmall()) this.#finish();
    else void this.#finishLarge();
  }

  onResponseError(_: Dispatcher.DispatchController, error: Error): void {
    if (isDecompressionError(error)) {
      this.#finishUnreadable();
      return;
    }
    const kind = failureOf(error, this.#started !== null);
    const isTelling = kind !== 'tooLarge' && error !== retired && !this.#timer.hasStood;
    this.#fail(kind, isTelling ? { evidence: 'againstRegion', fault: faultOf(error), cause: error } : { cause: error });
  }

  #timeoutFault(): Fault {
    if (this.#started === null) return connectTimeout(this.#request.region);
    return { code: this.#status === 0 ? 'HEADERS_TIMEOUT' : 'BODY_TIMEOUT', class: 'timeout' };
  }

  /** Pauses the response until there is memory for more of it. This time does not count against the region. */
  async #pay(controller: Dispatcher.DispatchController): Promise<void> {
    controller.pause();
    this.#timer.stand();
    this.#request.onPause?.(true);
    const shortage = await this.#body.pay(this.#caller);
    if (this.#isOver) return;
    if (shortage) this.#failShort(shortage);
    else {
      this.#request.onPause?.(false);
      this.#timer.goOn();
      controller.resume();
    }
  }

  async #finishLarge(): Promise<void> {
    await this.#payment;
    if (this.#isOver) return;
    this.#timer.stop();
    this.#request.onPause?.(true);
    const shortage = await this.#body.finish(this.#caller);
    if (shortage) this.#failShort(shortage);
    else this.#finish();
  }

  /** Ends with an unreadable body. The status still counts, as with truncated JSON. */
  #finishUnreadable(): void {
    if (this.#isOver) return;
    this.#body.drop();
    this.#finish({ chunks: [corrupt], free: () => {}, held: null });
  }

  #finish(body?: Pick<UpstreamAnswer, 'chunks' | 'free' | 'held'>): void {
    if (this.#isOver) return;
    this.#end();
    const headers = this.#headers;
    const carrier = this.#carrier;
    this.#outcome.resolve({
      status: this.#status,
      contentType: mediaTypeOf(text(headers['content-type'])),
      requestId: text(headers['x-openstack-request-id']) || text(headers['x-compute-request-id']),
      retryAfter: secondsToWait(this.#status, text(headers['retry-after']), text(headers.date)),
      ...(body ?? this.#body.result()),
      retireConnection: () => void carrier?.destroy(retired),
    });
  }

  #fail(
    kind: UpstreamFailure,
    details: { readonly evidence?: Evidence; readonly fault?: Fault; readonly cause?: unknown } = {},
  ): void {
    if (this.#isOver) return;
    this.#failWith(new UpstreamError(kind, this.#request, { ...details, sent: this.#started !== null }));
  }

  #failShort(shortage: Shortage): void {
    if (!this.#isOver) this.#failWith(outOfMemory(shortage, this.#request));
  }

  #failWith(error: UpstreamError): void {
    this.#end();
    this.#body.drop();
    this.#started?.abort(error);
    this.#outcome.reject(error);
  }

  #end(): void {
    this.#isOver = true;
    this.#timer.stop();
    this.#caller.signal.removeEventListener('abort', this.#onAbort);
  }
}

function failureOf(error: Error, wasSent: boolean): UpstreamFailure {
  const code = codeOf(error);
  if (code === 'UND_ERR_RES_EXCEEDED_MAX_SIZE') return 'tooLarge';
  if (wasSent) return 'broken';
  return code === 'ECONNREFUSED' ? 'refused' : 'notSent';
}

/** `Content-Type` without parameters, in lower case; empty if there is none. */
function mediaTypeOf(contentType: string | null): string {
  if (contentType === null || contentType === 'application/json') return contentType ?? '';
  return contentType.split(';', 1)[0]?.trim().toLowerCase() ?? '';
}

/** The value of a header; the first value if the header is repeated. */
function text(header: string | string[] | undefined): string | null {
  return (Array.isArray(header) ? header[0] : header) ?? null;
}
