import type { SpanContext } from '@opentelemetry/api';
import type { Account, Hold } from '../fairness/memory.ts';
import type { Turns } from '../fairness/turns.ts';
import type { Signal } from '../fairness/until.ts';
import type { Region } from '../regions.ts';
import type { UpstreamFailure } from './failure.ts';
import type { CallClass } from './fault.ts';

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

/** `/volumes/{id}/action`: a path without its ids, for what must not grow with them. */
export function routeOf({ path }: Pick<UpstreamRequest, 'path'>): string {
  const [route = ''] = path.split('?', 1);
  return route.replace(/\/[0-9a-f]{8}-[0-9a-f-]{27}/, '/{id}');
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
   * The body, decompressed: in one piece, or in the chunks in which it arrived. Comparing it does not require joining them. A
   * body that cannot be decompressed is replaced by one that is not JSON.
   */
  readonly chunks: readonly Buffer[];
  /**
   * Empties the body. To be called after its last use: what waits for an answer gets old in V8's memory, and old objects
   * keep what they refer to until the next full collection, dead or not. Does nothing if several callers read the body.
   */
  readonly free: () => void;
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
  readonly signal: Signal;
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
  readonly spanContext: SpanContext | null;
  /** Called after every attempt at a REST call. */
  observe(exchange: Exchange): void;
  /** Marks the answer as not repeatable: it depends on a failure or on breaker state, not only on the bytes of its responses. */
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

/** The one way to an upstream. Rejects only with an `UpstreamError`, or with what `caller.identity` throws. */
export type Send = (request: UpstreamRequest, caller: Caller) => Promise<UpstreamAnswer>;

/** Wraps a `Send` in one concern. */
export type Layer = (next: Send) => Send;
