import {
  createTraceState,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  TraceFlags,
  type TraceState,
  trace,
} from '@opentelemetry/api';

/** The span of one request, and what is passed on of it. */
export interface RequestSpan {
  readonly span: Span;
  /** The trace context of upstream calls, and of the `traceparent` in the response; null if there is no trace. */
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
 * @param name method and path.
 * @param headers.traceparent as received (W3C Trace Context).
 * @param headers.tracestate as received; several headers joined by commas.
 */
export function startRequestSpan(
  name: string,
  { traceparent, tracestate }: { readonly traceparent: string | undefined; readonly tracestate: string | undefined },
  isTrusted: boolean,
): RequestSpan {
  const ids = readTraceparent(traceparent);
  const received = ids && { ...ids, traceState: readTracestate(tracestate) };
  const parent = received && isTrusted ? trace.setSpanContext(ROOT_CONTEXT, received) : ROOT_CONTEXT;
  const links = ids && !isTrusted ? [{ context: ids }] : [];
  const span = tracer.startSpan(name, { kind: SpanKind.SERVER, links }, parent);
  const own = span.spanContext();
  const passedOn = received && { ...received, traceFlags: TraceFlags.NONE };
  return { span, context: isSpanContextValid(own) ? own : passedOn };
}

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
