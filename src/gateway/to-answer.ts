import type { ExecutionResult } from 'graphql';
import type { FetchAPI } from 'graphql-yoga';
import type { Context } from '../context.ts';
import { eventsNeeded } from '../messages/events-needed.ts';
import type { JsonType } from '../operation.ts';
import { isNotAdmitted, isWritten } from '../plugins/operation-result.ts';
import type { FailureAnswer, GatewayAnswer, StreamedAnswer, WholeAnswer } from './answer.ts';
import { headOfJson, headOfStream } from './answer-head.ts';
import { toBytes } from './encode.ts';
import { hasFailures } from './execute-request.ts';
import { jsonOf } from './json.ts';
import { isSeveral, type Results, toEvents, toParts } from './stream.ts';

/** Writes the results of an operation in a form that the client accepts: JSON in one piece where it can be. */
export function toAnswer(
  results: Results,
  context: Context,
  fetchAPI: FetchAPI,
): Promise<GatewayAnswer> | GatewayAnswer {
  const { accepts, report } = context;
  if (isSeveral(results)) return toStream(results, context, fetchAPI);
  if (isNotAdmitted(results)) return { kind: 'notAdmitted' };
  if (accepts.json !== null) return toWhole(results, accepts.json, context);
  if (report.operation === 'subscription' && !accepts.events) return toEventsNeeded(context);
  return toStream(results, context, fetchAPI);
}

function toWhole(result: ExecutionResult, type: JsonType, context: Context): WholeAnswer | Promise<WholeAnswer> {
  const body = toBytes(jsonOf(result), context.caller);
  const whole = (bytes: Buffer) => wholeAnswer(result, type, bytes, context);
  return body instanceof Promise ? body.then(whole) : whole(body);
}

function wholeAnswer(result: ExecutionResult, type: JsonType, body: Buffer, context: Context): WholeAnswer {
  const { report } = context;
  if (isWritten(result)) result.hold?.keep(body.length);
  const contentType = `${type}; charset=utf-8`;
  if (!hasFailures(result, context)) return { kind: 'data', contentType, body, report };
  const { status, headers } = headOfJson(result, type);
  return { kind: 'failure', status, headers: { 'content-type': contentType, ...headers }, body, report };
}

/** The client accepts neither JSON in one piece nor events. It gets JSON all the same. */
async function toEventsNeeded({ caller, report }: Context): Promise<FailureAnswer> {
  const body = await toBytes(jsonOf({ errors: [eventsNeeded()] }), caller);
  return { kind: 'failure', status: 406, headers: { 'content-type': 'application/json; charset=utf-8' }, body, report };
}

/** Parts where the client accepts them, else events. A subscription is always answered in events. */
async function toStream(results: Results, { accepts, report }: Context, fetchAPI: FetchAPI): Promise<StreamedAnswer> {
  const isSubscription = report.operation === 'subscription';
  const kind = isSubscription ? 'subscription' : 'parts';
  const errors = isSeveral(results) ? [] : (results.errors ?? []);
  if (accepts.parts !== null && !isSubscription) {
    const { status, headers } = headOfStream(errors, 'with');
    const type = { 'content-type': 'multipart/mixed; boundary="-"' };
    return { kind, status, headers: { ...type, ...headers }, stream: toParts(results), report };
  }
  const { status, headers } = headOfStream(errors, 'without');
  const type = { 'content-type': 'text/event-stream' };
  return { kind, status, headers: { ...type, ...headers }, stream: await toEvents(results, fetchAPI), report };
}
