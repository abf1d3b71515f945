import { setTimeout as sleep } from 'node:timers/promises';
import {
  createTraceState,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  SpanStatusCode,
  TraceFlags,
  type TraceState,
  trace,
} from '@opentelemetry/api';
import { explain } from '../errors/explain.ts';
import type { OperationReport } from '../operation.ts';

/** The span of one request, and what is passed on of it. */
export interface RequestSpan {
  readonly span: Span;
  /** The trace context of upstream calls, and of the `traceparent` in the response; null without a trace. */
  readonly context: SpanContext | null;
}

/*
 * Spans go through OpenTelemetry's API: they are recorded where the process has loaded an SDK, and cost next to
 * nothing where it has not.
 */
const tracer = trace.getTracer('block-storage-graphql');

/**
 * Begins the span of a request. A caller's trace is gone on with only where it is trusted: its sampled flag would let
 * anybody fill the operator's storage. Else the span is the first of its own trace, linked to the caller's; and where
 * no SDK is loaded the caller's ids are passed on, not sampled. `tracestate` describes the caller's trace, so it goes
 * with the ids of that trace and never with others.
 * @param target.route the path of the GraphQL endpoint as configured; `target.path` as the client wrote it.
 * @param headers.traceparent as received (W3C Trace Context).
 * @param headers.tracestate as received; several headers joined by commas.
 */
export function startRequestSpan(
  { method, route, path }: { readonly method: string; readonly route: string; readonly path: string },
  { traceparent, tracestate }: { readonly traceparent: string | undefined; readonly tracestate: string | undefined },
  isTrusted: boolean,
): RequestSpan {
  const ids = readTraceparent(traceparent);
  const received = ids && { ...ids, traceState: readTracestate(tracestate) };
  const parent = received && isTrusted ? trace.setSpanContext(ROOT_CONTEXT, received) : ROOT_CONTEXT;
  const links = ids && !isTrusted ? [{ context: ids }] : [];
  const isKnown = knownMethods.has(method);
  const attributes = {
    'http.request.method': isKnown ? method : '_OTHER',
    'http.route': route,
    'url.path': path,
    'url.scheme': 'http',
  };
  const name = `${isKnown ? method : 'HTTP'} ${route}`;
  const span = tracer.startSpan(name, { kind: SpanKind.SERVER, attributes, links }, parent);
  const own = span.spanContext();
  const passedOn = received && { ...received, traceFlags: TraceFlags.NONE };
  return { span, context: isSpanContextValid(own) ? own : passedOn };
}

/** The methods that OpenTelemetry names. Others are `_OTHER`. */
const knownMethods = new Set(['GET', 'HEAD', 'POST', 'PUT', 'DELETE', 'CONNECT', 'OPTIONS', 'TRACE', 'PATCH']);

/**
 * Ends the span of a request. Its status is an error for faults of a region or of the gateway, not for the caller's mistakes.
 * @param status of the response.
 */
export function endRequestSpan(span: Span, status: number, report: Partial<OperationReport>): void {
  const { name, operation, hash, errorCodes = [] } = report;
  if (span.isRecording()) {
    span.setAttributes({
      'http.response.status_code': status,
      ...(name && { 'graphql.operation.name': name }),
      ...(operation && { 'graphql.operation.type': operation }),
      ...(hash && { 'graphql.document.hash': hash }),
      ...(errorCodes.length > 0 && { 'graphql.error.codes': [...errorCodes] }),
    });
    const fault = errorCodes.find(isFault) ?? (status >= 500 ? (errorCodes[0] ?? String(status)) : null);
    if (fault !== null) noteFault(span, fault);
  }
  span.end();
}

/** Whether a code is a fault of a region or of the gateway. */
function isFault(code: string): boolean {
  return code === 'INTERNAL_SERVER_ERROR' || code.startsWith('UPSTREAM_');
}

function noteFault(span: Span, type: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}

interface PollSpan {
  readonly noun: string;
  readonly region: string;
  readonly followers: ReadonlySet<SpanContext>;
  readonly signal: AbortSignal;
}

/** The most streams that the span of a read is linked to. */
const maxLinks = 8;

/**
 * Makes a span of one read of an object that streams follow. It is the first of a trace of its own, because it outlives
 * every request, and it is linked to the requests that have followed the object for longest.
 * @param poll.noun such as `volume`. Ids, tenant and token are in no span.
 * @param poll.followers the spans of these requests.
 * @param poll.signal aborts when the last stream has ended, which is not a fault.
 * @param read given the trace that its REST calls belong to; null if no SDK is loaded.
 */
export async function tracePoll<Result>(
  { noun, region, followers, signal }: PollSpan,
  read: (trace: SpanContext | null) => Promise<Result>,
): Promise<Result> {
  const links = Array.from(followers.values().take(maxLinks), (context) => ({ context }));
  const span = tracer.startSpan(`poll ${noun}`, { attributes: { 'cloud.region': region }, links }, ROOT_CONTEXT);
  const own = span.spanContext();
  try {
    return await read(isSpanContextValid(own) ? own : null);
  } catch (error) {
    const code = explain(error)?.extensions.code;
    const type = typeof code === 'string' ? code : 'INTERNAL_SERVER_ERROR';
    if (isFault(type) && !signal.aborted) noteFault(span, type);
    throw error;
  } finally {
    span.end();
  }
}

/**
 * Has the SDK, if one is loaded, send the spans that it still holds. Resolves after some time in any case. The API of
 * OpenTelemetry has no such call, so the provider is asked for it.
 */
export async function flushSpans(): Promise<void> {
  const provider: object = trace.getTracerProvider();
  const sdk: unknown =
    'getDelegate' in provider && typeof provider.getDelegate === 'function' ? provider.getDelegate() : provider;
  if (typeof sdk !== 'object' || sdk === null || !('forceFlush' in sdk) || typeof sdk.forceFlush !== 'function') return;
  try {
    await Promise.race([sdk.forceFlush(), sleep(flushMs, undefined, { ref: false })]);
  } catch {
    // The process ends even if the collector cannot be reached.
  }
}

/** As long as the last log lines wait for their reader, in milliseconds. */
const flushMs = 400;

/** Of a later version the part that this one knows. */
function readTraceparent(text: string | undefined): SpanContext | null {
  const [, version, traceId, spanId, flags, more] =
    /^([0-9a-f]{2})-([0-9a-f]{32})-([0-9a-f]{16})-([0-9a-f]{2})(-.*)?$/.exec(text ?? '') ?? [];
  if (!traceId || !spanId || !flags || version === 'ff' || (version === '00' && more)) return null;
  const context = { traceId, spanId, traceFlags: Number.parseInt(flags, 16) & TraceFlags.SAMPLED, isRemote: true };
  return isSpanContextValid(context) ? context : null;
}

/** The most list members that W3C Trace Context allows. */
const maxMembers = 32;

/**
 * OpenTelemetry drops malformed members, and the whole list above 512 characters. Of more than 32 members it keeps 32
 * in reverse order, so such a list is dropped here.
 */
function readTracestate(text = ''): TraceState {
  return createTraceState(text.split(',', maxMembers + 1).length > maxMembers ? '' : text);
}
