import { type Answer, htmlAnswer, jsonAnswer } from './answer.ts';

/** Thrown by a handler that refuses the call; carries the whole answer. */
export class CallError extends Error {
  readonly answer: Answer;

  constructor(answer: Answer, message: string) {
    super(message);
    this.name = 'CallError';
    this.answer = answer;
  }
}

/** Largest body in bytes that is read (FACTS 2). */
export const MAX_BODY_BYTES = 114_688;

const FAULT_NAMES: Readonly<Record<number, string>> = {
  400: 'badRequest',
  401: 'unauthorized',
  403: 'forbidden',
  404: 'itemNotFound',
  405: 'badMethod',
  409: 'conflictingRequest',
  413: 'overLimit',
  415: 'badMediaType',
  429: 'overLimit',
  501: 'notImplemented',
  503: 'serviceUnavailable',
};

/** An error answer: an object with one key that names the fault (FACTS 1); an unlisted status is a `computeFault`. */
export function faultAnswer(status: number, message: string, headers: Record<string, string> = {}): Answer {
  const retryAfter = headers['Retry-After'] ?? headers['retry-after'];
  const fault = { code: status, message, ...(retryAfter === undefined ? {} : { retryAfter }) };
  return jsonAnswer(status, { [FAULT_NAMES[status] ?? 'computeFault']: fault }, headers);
}

/** 401 as the Keystone middleware answers it, before the API sees the call (FACTS 2). */
export function unauthorizedAnswer(): Answer {
  const message = 'The request you have made requires authentication.';
  return jsonAnswer(
    401,
    { error: { code: 401, title: 'Unauthorized', message } },
    { 'Www-Authenticate': 'Keystone uri="http://keystone.example/v3"' },
  );
}

/** An unknown path, a slash at the end, a wrong method: 404 in HTML, never 405 (FACTS 2). */
export function noRouteAnswer(): Answer {
  return htmlAnswer(404, 'Not Found', 'The resource could not be found.');
}

/** A body above {@link MAX_BODY_BYTES} (FACTS 2, 4). */
export function bodyTooLargeAnswer(): Answer {
  const text = `Request is too large. Larger than max_request_body_size (${MAX_BODY_BYTES}).`;
  return htmlAnswer(413, 'Request Entity Too Large', text);
}

/** 400 with Cinder's words. */
export function badRequest(message: string): CallError {
  return new CallError(faultAnswer(400, message), message);
}

/** 400 of a value that passed the shape but not the sense. */
export function invalidInput(reason: string): CallError {
  return badRequest(`Invalid input received: ${reason}`);
}

/** 404 of a thing that is not there, is another tenant's, or has an id that is none (FACTS 5). */
export function notFound(what: string): CallError {
  const message = `${what} could not be found.`;
  return new CallError(faultAnswer(404, message), message);
}

/** 403 by policy. */
export function forbidden(policy: string): CallError {
  const message = `Policy doesn't allow ${policy} to be performed.`;
  return new CallError(faultAnswer(403, message), message);
}

/** 413 of a quota, told from a large body by its JSON and its `Retry-After: 0` (FACTS 4). */
export function overQuota(message: string): CallError {
  return new CallError(faultAnswer(413, message, { 'Retry-After': '0' }), message);
}

/** 415 of a body that is not typed as JSON (FACTS 6). */
export function badMediaType(): CallError {
  const message = 'Unsupported Content-Type';
  return new CallError(faultAnswer(415, message), message);
}

/** 500, which Cinder answers to a create without a body (FACTS 6). */
export function computeFault(): CallError {
  const message = 'The server has either erred or is incapable of performing the requested operation.';
  return new CallError(faultAnswer(500, message), message);
}

/** 400 of a call whose arguments do not fit, such as a DELETE with a body (FACTS 6). */
export function malformedCall(): CallError {
  return badRequest(
    'The server could not comply with the request since it is either malformed or otherwise incorrect.',
  );
}
