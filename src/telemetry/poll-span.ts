import { isSpanContextValid, ROOT_CONTEXT, type SpanContext } from '@opentelemetry/api';
import { explain } from '../errors/explain.ts';
import { tracer } from '../upstream/trace-context.ts';
import { isFault, noteFault } from './fault.ts';

/**
 * Makes a span of one read of an object that streams follow. It is the first of a trace of its own, because it outlives
 * every request, and it is linked to the requests that have followed the object for longest.
 * @param poll.noun such as `volume`. Ids, tenant and token are in no span.
 * @param poll.followers the spans of these requests.
 * @param poll.signal aborts when the last stream has ended, which is not a fault.
 * @param read given the span context that its REST calls belong to; null if no SDK is loaded.
 */
export async function recordPollSpan<Result>(
  { noun, region, followers, signal }: PollSpan,
  read: (spanContext: SpanContext | null) => Promise<Result>,
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

interface PollSpan {
  readonly noun: string;
  readonly region: string;
  readonly followers: ReadonlySet<SpanContext>;
  readonly signal: AbortSignal;
}

/** The most streams that the span of a read is linked to. */
const maxLinks = 8;
