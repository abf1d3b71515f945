import {
  INVALID_SPAN_CONTEXT,
  isSpanContextValid,
  ROOT_CONTEXT,
  type Span,
  type SpanContext,
  SpanKind,
  TraceFlags,
  trace,
} from '@opentelemetry/api';
import type { OperationReport } from '../operation.ts';
import { areSpansRecorded, readTraceparent, readTracestate, tracer } from '../upstream/trace-context.ts';
import { isFault, noteFault } from './fault.ts';

/** The span of one request, and what is passed on of it. */
export interface RequestSpan {
  readonly span: Span;
  /** The trace context of upstream calls, and of the `traceparent` in the response; null without a trace. */
  readonly context: SpanContext | null;
}

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
  if (traceparent === undefined && !areSpansRecorded()) return unrecorded;
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

const unrecorded: RequestSpan = { span: trace.wrapSpanContext(INVALID_SPAN_CONTEXT), context: null };

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
