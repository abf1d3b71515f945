import type { AnyErrorCode } from '../errors/codes.ts';
import type { Share } from '../telemetry/request-metrics.ts';

/** Why a request is refused without being executed. The message says what to do next. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** The HTTP status. */
  readonly status: number;
  readonly code: AnyErrorCode;
  readonly headers: Readonly<Record<string, string>>;
  /** The limit that an `OVERLOADED` request hit; null for other codes. */
  readonly share: Share | null;

  constructor(
    status: number,
    code: AnyErrorCode,
    message: string,
    headers: Readonly<Record<string, string>> = {},
    share: Share | null = null,
  ) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
    this.share = share;
  }
}

/*
 * All refusals of the HTTP layer, but for those of parameters that are not well-formed (params.ts). Most are created once:
 * thousands may be sent each second, and creating an error captures the stack.
 */

export const wrongMethod = new Refusal(405, 'BAD_REQUEST', 'Send GraphQL requests by POST, or by GET.', {
  allow: 'GET, POST',
});
export const notAcceptable = new Refusal(
  406,
  'BAD_USER_INPUT',
  'Answers are JSON. Accept application/graphql-response+json or application/json.',
);
export const notJson = new Refusal(
  415,
  'BAD_USER_INPUT',
  'The Content-Type is not that of JSON. Send JSON, with Content-Type: application/json.',
);
export const compressed = new Refusal(
  415,
  'BAD_USER_INPUT',
  'The body is compressed. Send it as it is, without Content-Encoding.',
  { 'accept-encoding': 'identity' },
);
export const notUtf8 = new Refusal(415, 'BAD_USER_INPUT', 'The body is not in UTF-8. Encode it as UTF-8.');
export const unknownCoding = new Refusal(
  501,
  'BAD_USER_INPUT',
  'The transfer coding is not known. Send the body in chunks, or with its length.',
);
export const gatewayFailed = new Refusal(500, 'INTERNAL_SERVER_ERROR', 'The gateway failed. Try again later.');

export function tooLarge(mostBytes: number): Refusal {
  return new Refusal(413, 'PAYLOAD_TOO_LARGE', `The request is larger than ${mostBytes} bytes. Send less at once.`);
}

export const tooMuchToDo = overloaded('replica', 'The gateway has too much to do.');
export const tooManyRequests = overloaded('caller', 'The token has too many requests under way.');
export const tooManyLargeQueries = overloaded('caller', 'The token has too many large queries under way.');
export const tooManyUnaccepted = overloaded(
  'unaccepted',
  'Too many requests are under way whose tokens no region has accepted yet.',
);
export const tooManyStreams = {
  ofGateway: overloaded('replica', 'The gateway has too many event streams open.'),
  ofCaller: overloaded('caller', 'The token has too many event streams open.'),
  ofUnaccepted: overloaded('unaccepted', 'Too many event streams are open whose tokens no region has accepted yet.'),
};
export const noMemory = {
  ofGateway: overloaded('replica', 'The gateway has no memory left for the request.'),
  ofCaller: overloaded('caller', 'The token has used up its share of memory.'),
};

/** @param share the limit that was hit; the message names it too. */
function overloaded(share: Share, message: string): Refusal {
  return new Refusal(503, 'OVERLOADED', `${message} Wait a second, then try again.`, { 'retry-after': '1' }, share);
}
