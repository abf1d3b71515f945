import type { SpanContext } from '@opentelemetry/api';

/** `traceparent` as W3C Trace Context writes it. */
export function traceparentOf({ traceId, spanId, traceFlags }: SpanContext): string {
  return `00-${traceId}-${spanId}-${traceFlags.toString(16).padStart(2, '0')}`;
}

/** The headers of W3C Trace Context; without `tracestate` where the trace has none. */
export function traceHeadersOf(context: SpanContext): Readonly<Record<string, string>> {
  const tracestate = context.traceState?.serialize();
  return { traceparent: traceparentOf(context), ...(tracestate && { tracestate }) };
}
