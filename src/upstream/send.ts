import { randomUUID } from 'node:crypto';
import type { SpanContext } from '@opentelemetry/api';
import type { Account, Hold, Shortage } from '../fairness/memory.ts';
import type { Turns } from '../fairness/turns.ts';
import type { Region } from '../regions.ts';
import type { CallClass, Fault } from './fault.ts';

/** One REST call of the guide. */
export interface UpstreamRequest {
  readonly region: Region;
  readonly method: 'GET' | 'POST' | 'DELETE';
  /** What follows `/v2/{tenantId}`, encoded, with its query: `/volumes/detail?limit=51`. */
  readonly path: string;
  /** JSON text; only with POST. */
  readonly body?: string;
  /** Called with true when reading the body is paused for lack of memory, and with false when it resumes. */
  readonly onPause?: (isPaused: boolean) => void;
}

/** A complete answer, whatever its status: what it means is decided where it is decoded. */
export interface UpstreamAnswer {
  readonly status: number;
  /** `Content-Type` without parameters, lower case; empty if there is none. */
  readonly contentType: string;
  /** `X-Openstack-Request-Id`, or `X-Compute-Request-Id` of old releases (FACTS 15). */
  readonly requestId: string | null;
  /** Seconds that the region asks to wait before the next call; null if it asks for none. */
  readonly retryAfter: number | null;
  /**
   * The body, in the chunks in which it arrived, decompressed. Comparing it does not require joining them. A body that cannot
   * be decompressed is replaced by one that is not JSON.
   */
  readonly chunks: readonly Buffer[];
  /** The memory that a large body holds; null for a small one. */
  readonly held: HeldBody | null;
  /**
   * Closes the connection that the answer came on, and no other. For an answer that may belong to another call: the next
   * answer on that connection may be crossed too. A call that is already under way on it ends as `broken`.
   */
  readonly retireConnection: () => void;
}

/** The memory of a body and of what is decoded from it. The end of the request gives it back at the latest. */
export interface HeldBody {
  readonly hold: Hold;
  /** Bytes held for the body and the decoded content together. */
  readonly bytes: number;
  /** Bytes of the decoded content alone. The rest is given back when the body has been decoded. */
  readonly decodedBytes: number;
  /**
   * Frees the memory of a body of several MiB at once; garbage collection would free it late. The body is empty afterwards.
   * Does nothing if several callers read the body.
   */
  readonly free: () => void;
}

/** The body of an answer in one piece. */
export function bodyOf({ chunks }: UpstreamAnswer): Buffer {
  return chunks.length === 1 && chunks[0] ? chunks[0] : Buffer.concat(chunks);
}

const byteOrderMark = Buffer.from('\ufeff');

/** The body without a leading byte order mark, which .NET writes and JSON parsers may ignore (RFC 8259, 8.1). */
export function jsonOf(answer: UpstreamAnswer): Buffer {
  const body = bodyOf(answer);
  const isMarked = body.subarray(0, byteOrderMark.length).equals(byteOrderMark);
  return isMarked ? body.subarray(byteOrderMark.length) : body;
}

/** The size of an answer's body. */
export function bytesOf({ chunks }: UpstreamAnswer): number {
  let bytes = 0;
  for (const { length } of chunks) bytes += length;
  return bytes;
}

/** Credentials for one region. The token is only ever a header. */
export interface Identity {
  readonly token: string;
  readonly tenant: string;
}

/** The outcome of one attempt at a REST call, or of a probe. Contains no secrets. */
export interface Exchange {
  readonly region: string;
  readonly method: string;
  readonly path: string;
  /** Null when no complete answer came. */
  readonly status: number | null;
  /** Why no answer came. */
  readonly failure: UpstreamFailure | null;
  /** For the operator alone. */
  readonly class: CallClass;
  readonly milliseconds: number;
  /** Size of the answer's body. */
  readonly bytes: number;
}

/** Whether the response shows that the region accepts the token. */
export function isAccepting({ status }: Exchange): boolean {
  return status !== null && status >= 200 && status < 300;
}

/** On whose behalf calls are made. Knows nothing of HTTP requests, so that a poll can be a caller too. */
export interface Caller {
  /** The credentials for a region; throws a coded error where there are none. */
  identity(region: Region): Identity;
  /** The tenant asked for in a region, whether there is a token or not; null where none is named. */
  tenant(region: Region): string | null;
  /** Aborts when nobody waits for the answer any more. */
  readonly signal: AbortSignal;
  /** When the whole request must be over, on the clock of `performance.now()`. */
  readonly deadline: number;
  readonly requestId: string;
  /** The same request in the logs of OpenStack, as `X-Openstack-Request-Id`: `req-` and a UUID, the only form it accepts. */
  readonly globalRequestId: string;
  readonly calls: CallBudget;
  /** The owner to which the work is charged: the same for all requests of one caller. */
  readonly owner: string;
  readonly turns: Turns;
  /** The memory that the request holds. */
  readonly memory: Account;
  /** The span that calls belong to, sent upstream as `traceparent` and `tracestate`; null without a trace. */
  readonly trace: SpanContext | null;
  /** Called after every attempt at a REST call. */
  observe(exchange: Exchange): void;
  /** Marks the answer as not repeatable: it depends on a failure or on breaker state, not only on responses with 200. */
  noteUnrepeatable(): void;
  /** Whether the same bytes would give the same answer again. */
  isRepeatable(): boolean;
}

/** The REST calls that one request may still make, retries among them. */
export interface CallBudget {
  /** Counts a call. False if no more calls may be made. */
  take(): boolean;
  readonly isSpent: () => boolean;
}

export function createCallBudget(most: number): CallBudget {
  let made = 0;
  return {
    take() {
      if (made >= most) return false;
      made++;
      return true;
    },
    isSpent: () => made >= most,
  };
}

/** OpenStack takes `req-` and a UUID as the global request id, and nothing else (oslo.context, oslo.middleware). */
const uuidPattern = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/i;

/** The request id itself with `req-` before it if it is a UUID, else a new UUID: OpenStack ignores any other form. */
export function globalRequestIdOf(requestId: string): string {
  return `req-${uuidPattern.test(requestId) ? requestId.toLowerCase() : randomUUID()}`;
}

/** `/volumes/{id}/action`: a path without its ids, for what must not grow with them. */
export function routeOf({ path }: Pick<UpstreamRequest, 'path'>): string {
  const [route = ''] = path.split('?', 1);
  return route.replace(/[0-9a-f]{8}-[0-9a-f-]{27}/, '{id}');
}

/** `traceparent` as W3C Trace Context writes it. */
export function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** The headers of W3C Trace Context; without `tracestate` where the trace has none. */
export function traceHeadersOf(context: SpanContext): Readonly<Record<string, string>> {
  const tracestate = context.traceState?.serialize();
  return { traceparent: traceparentOf(context), ...(tracestate && { tracestate }) };
}

/** The one way to an upstream. Rejects only with an `UpstreamError`, or with what `caller.identity` throws. */
export type Send = (request: UpstreamRequest, caller: Caller) => Promise<UpstreamAnswer>;

/** Wraps a `Send` in one concern. */
export type Layer = (next: Send) => Send;

/**
 * Why there is no complete answer.
 * - `refused`: nobody listens at the endpoint.
 * - `notSent`: no connection could be made.
 * - `open`: the region fails, and no calls are sent to it for a while.
 * - `openForCaller`: the caller's own calls time out, and none of them are sent to the region for a while.
 * - `overloaded`: too many calls wait for the region.
 * - `overloadedByCaller`: too many of the caller's own calls wait for the region.
 * - `outOfShare`: the caller's requests hold all the memory that one caller may have.
 * - `outOfMemory`: all requests together hold all the memory that there is.
 * - `outOfCalls`: the request has made as many calls as it may.
 * - `timeout`: the call's time was up.
 * - `cancelled`: the caller left.
 * - `broken`: the connection ended before the answer did.
 * - `tooLarge`: the answer has more bytes than the gateway reads.
 */
export type UpstreamFailure =
  | 'refused'
  | 'notSent'
  | 'open'
  | 'openForCaller'
  | 'overloaded'
  | 'overloadedByCaller'
  | 'outOfShare'
  | 'outOfMemory'
  | 'outOfCalls'
  | 'timeout'
  | 'cancelled'
  | 'broken'
  | 'tooLarge';

/** The failures of calls that are refused before they are sent, because of other calls to the region. */
export const refusals = ['open', 'openForCaller', 'overloaded', 'overloadedByCaller'] as const;

/** Why a call was refused before it was sent; undefined if it was not. */
export function refusalOf({ failure }: Pick<Exchange, 'failure'>): (typeof refusals)[number] | undefined {
  return refusals.find((refusal) => refusal === failure);
}

/**
 * What a failed call says about the region: that it fails for everybody, that it fails for this caller at least, or
 * nothing, because the fault may lie elsewhere.
 */
export type Evidence = 'againstRegion' | 'againstCaller' | null;

/** No complete answer came. */
export class UpstreamError extends Error {
  override readonly name = 'UpstreamError';
  readonly kind: UpstreamFailure;
  readonly region: Region;
  /** False if the call ended before it was handed to a socket. */
  readonly sent: boolean;
  readonly evidence: Evidence;
  /** What is wrong with the region; null if the region is not the reason. */
  readonly fault: Fault | null;
  /** Seconds until it is worth trying again; null where that is not known. */
  readonly retryAfter: number | null;
  /** True for a write that may have been carried out. */
  readonly outcomeUnknown: boolean;

  constructor(kind: UpstreamFailure, request: UpstreamRequest, details: UpstreamErrorDetails = {}) {
    super(`${request.method} ${request.path} in ${request.region.code}: ${kind}`, { cause: details.cause });
    this.kind = kind;
    this.region = request.region;
    this.sent = details.sent ?? false;
    this.evidence = details.evidence ?? null;
    this.fault = details.fault ?? null;
    this.retryAfter = details.retryAfter ?? null;
    this.outcomeUnknown = request.method !== 'GET' && this.sent;
  }
}

/** The error of a response that was not read for lack of memory. It counts against neither the region nor the caller. */
export function outOfMemory(shortage: Shortage, request: UpstreamRequest): UpstreamError {
  return new UpstreamError(shortage === 'ofCaller' ? 'outOfShare' : 'outOfMemory', request, {
    sent: true,
    retryAfter: 1,
  });
}

/** Missing members are false or null. */
interface UpstreamErrorDetails {
  readonly cause?: unknown;
  readonly sent?: boolean;
  readonly evidence?: Evidence;
  readonly fault?: Fault | null;
  readonly retryAfter?: number | null;
}
