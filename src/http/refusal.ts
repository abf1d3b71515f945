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

/** @param share the limit that was hit; the message names it too. */
export function overloaded(share: Share, message: string): Refusal {
  return new Refusal(503, 'OVERLOADED', `${message} Wait a second, then try again.`, { 'retry-after': '1' }, share);
}

/* Created once: thousands may be refused each second, and creating an error captures the stack. */
export const tooMuchToDo = overloaded('replica', 'The gateway has too much to do.');
export const tooManyRequests = overloaded('caller', 'The token has too many requests under way.');
