import { type Span, SpanStatusCode } from '@opentelemetry/api';

/** Whether a code is a fault of a region or of the gateway. */
export function isFault(code: string): boolean {
  return code === 'INTERNAL_SERVER_ERROR' || code.startsWith('UPSTREAM_');
}

/** Marks a span as failed. @param type of the fault: a code or a status. */
export function noteFault(span: Span, type: string): void {
  span.setAttribute('error.type', type);
  span.setStatus({ code: SpanStatusCode.ERROR });
}
