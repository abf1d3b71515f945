import type { ErrorCode } from '../errors.ts';

/** A request that is answered without GraphQL having seen it. The message says what to do next. */
export class Refusal extends Error {
  override readonly name = 'Refusal';
  /** Of HTTP. */
  readonly status: number;
  readonly code: ErrorCode;
  readonly headers: Readonly<Record<string, string>>;

  constructor(status: number, code: ErrorCode, message: string, headers: Readonly<Record<string, string>> = {}) {
    super(message);
    this.status = status;
    this.code = code;
    this.headers = headers;
  }
}

/** The gateway, or one token in it, has too much to do. */
export function overloaded(message: string): Refusal {
  return new Refusal(503, 'OVERLOADED', `${message} Wait a second, then try again.`, { 'retry-after': '1' });
}
