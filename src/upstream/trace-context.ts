import {
  createTraceState,
  isSpanContextValid,
  ProxyTracerProvider,
  type SpanContext,
  TraceFlags,
  type TraceState,
  trace,
} from '@opentelemetry/api';

const tracerName = 'block-storage-graphql';

/** Spans go through OpenTelemetry's API: they are recorded if the process has loaded an SDK. */
export const tracer = trace.getTracer(tracerName);

/** False if no SDK is loaded: then a span would be made for nothing. */
export function areSpansRecorded(): boolean {
  const provider = trace.getTracerProvider();
  // Without an SDK the provider is a proxy that has no delegate.
  return !(provider instanceof ProxyTracerProvider) || provider.getDelegateTracer(tracerName) !== undefined;
}

/** The ids of a `traceparent` (W3C Trace Context); null if it is not valid. Of a later version the part that this one knows. */
export function readTraceparent(text: string | undefined): SpanContext | null {
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
export function readTracestate(text = ''): TraceState {
  return createTraceState(text.split(',', maxMembers + 1).length > maxMembers ? '' : text);
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
