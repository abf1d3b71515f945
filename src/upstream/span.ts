import { isSpanContextValid, ROOT_CONTEXT, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import { UpstreamError } from './error.ts';
import { faultIn } from './outcome.ts';
import { type Caller, type Layer, routeOf, type Send, type UpstreamAnswer, type UpstreamRequest } from './send.ts';
import { areSpansRecorded, tracer } from './trace-context.ts';

/** Makes every attempt a span of the caller's trace. It names the route, never ids, tenant or headers. */
export const recordSpan: Layer = (next) => (request, caller) =>
  areSpansRecorded() ? sendInSpan(next, request, caller) : next(request, caller);

async function sendInSpan(next: Send, request: UpstreamRequest, caller: Caller): Promise<UpstreamAnswer> {
  const { region, method } = request;
  const route = routeOf(request);
  const parent = caller.spanContext ? trace.setSpanContext(ROOT_CONTEXT, caller.spanContext) : ROOT_CONTEXT;
  const attributes = { 'http.request.method': method, 'url.template': route, 'cloud.region': region.code };
  const span = tracer.startSpan(`${method} ${route}`, { kind: SpanKind.CLIENT, attributes }, parent);
  const own = span.spanContext();
  try {
    const answer = await next(request, isSpanContextValid(own) ? { ...caller, spanContext: own } : caller);
    span.setAttribute('http.response.status_code', answer.status);
    const errorType = faultIn(answer)?.code ?? (answer.status >= 400 ? String(answer.status) : null);
    if (errorType !== null) span.setAttribute('error.type', errorType).setStatus({ code: SpanStatusCode.ERROR });
    return answer;
  } catch (error) {
    span.setAttribute('error.type', error instanceof UpstreamError ? (error.fault?.code ?? error.kind) : 'notSent');
    span.setStatus({ code: SpanStatusCode.ERROR });
    throw error;
  } finally {
    span.end();
  }
}
