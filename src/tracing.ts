import {
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  TraceFlags,
  trace,
} from '@opentelemetry/api';

/** The span of one request, and what is passed on of it. */
export interface RequestSpan {
  readonly span: Span;
  /** What goes upstream and back to the caller, as `traceparent`; null where nobody traces. */
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
 * no SDK is loaded the caller's ids are passed on, not sampled.
 * @param traceparent as received (W3C Trace Context).
 */
export function startRequestSpan(traceparent: string | undefined, isTrusted: boolean): RequestSpan {
  const received = readTraceparent(traceparent);
  const parent = received && isTrusted ? trace.setSpanContext(ROOT_CONTEXT, received) : ROOT_CONTEXT;
  const links = received && !isTrusted ? [{ context: received }] : [];
  const span = tracer.startSpan('POST /graphql', { kind: SpanKind.SERVER, links }, parent);
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
