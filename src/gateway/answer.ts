import type { Accepted, Admit, OperationReport, RequestParams } from '../operation.ts';
import type { Exchange, Layer } from '../upstream/send.ts';

/** A well-formed GraphQL request over HTTP. */
export interface GatewayRequest {
  readonly method: 'GET' | 'POST';
  readonly accepts: Accepted;
  /** All that the parameters are read from: the URL for GET, the body for POST. */
  readonly text: string;
  /** Reads the parameters. Throws a refusal if they are not well-formed. */
  readonly readParams: () => RequestParams;
}

export interface AnswerOptions {
  /** Called with the estimated work, before the request is executed. */
  readonly admit: Admit;
  /** The caller's REST calls if the answer is to show them, else null. */
  readonly shownExchanges: readonly Exchange[] | null;
  /** A layer around the calls of this request; null for none. */
  readonly layer: Layer | null;
}

/** What comes of a request. The HTTP layer sends each kind in its own way. */
export type GatewayAnswer = NotAdmitted | WholeAnswer | StreamedAnswer;

export type WholeAnswer = DataAnswer | FailureAnswer;

/** The request was not admitted and not executed. The caller of the gateway knows why. */
export interface NotAdmitted {
  readonly kind: 'notAdmitted';
}

/** JSON in one piece for which nothing has failed. Its status is 200, and it may be recorded. */
export interface DataAnswer {
  readonly kind: 'data';
  readonly contentType: string;
  readonly body: Buffer;
  readonly report: OperationReport;
}

/** JSON in one piece with errors in it, or from which something is missing because a region failed. */
export interface FailureAnswer {
  readonly kind: 'failure';
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly body: Buffer;
  readonly report: OperationReport;
}

/** `parts` is over with its request; `subscription` may last longer. */
export type StreamedAnswer = Streamed<'parts'> | Streamed<'subscription'>;

/** A streamed answer. The receiver must cancel the stream if it does not read all of it. */
interface Streamed<Kind> {
  readonly kind: Kind;
  readonly status: number;
  readonly headers: Readonly<Record<string, string>>;
  readonly stream: ReadableStream<Uint8Array>;
  readonly report: OperationReport;
}
