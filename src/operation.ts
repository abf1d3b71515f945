import type { QueryLimit } from './config/query-limits.ts';
import type { WorkEstimate } from './fairness/work.ts';

/** What a client can read, by its `Accept` header (RFC 9110, 12.5.1). */
export interface Accepted {
  /** The media type of one JSON answer: the one of the higher weight. Null if the client accepts neither, or prefers a stream. */
  readonly json: JsonType | null;
  /** Server-sent events. */
  readonly events: boolean;
  /**
   * Parts (`multipart/mixed`) of an answer with `@defer`: in the format of the working draft, or in the one of August
   * 2022 if the client names it; null if the client accepts none.
   */
  readonly parts: 'current' | 'legacy' | null;
  /** Whether an answer with `@defer` is sent as a stream. False if the client prefers one JSON answer. */
  readonly deferred: boolean;
}

/** The media types of GraphQL over HTTP ("Media Types"). */
export type JsonType = 'application/json' | typeof graphqlResponse;

export const graphqlResponse = 'application/graphql-response+json';

/** What was asked for and what came of it: for the log and the metrics, noted while it is answered. */
export interface OperationReport {
  name: string | null;
  operation: 'query' | 'mutation' | 'subscription' | null;
  /** SHA-256 of the document's text, in hexadecimal. */
  hash: string | null;
  /** The most it can come to, as counted before it was executed. */
  cost: QueryCost | null;
  /** The query's figures for the limits that it is beyond. Left out if there are none. */
  exceeded?: Readonly<Partial<Record<QueryLimit, number>>>;
  /** Each code of the answer's errors once. */
  errorCodes: readonly string[];
}

/** Upper bounds of what a query reads and returns. */
export interface QueryCost {
  /** REST calls. */
  readonly calls: number;
  /** Objects that are entries of lists, if every list has its greatest length. */
  readonly rows: number;
  /** All objects. */
  readonly objects: number;
  /** The leaf values of these objects. */
  readonly values: number;
}

/** Waits until there is room for a request: true if it may be executed, false if it is refused. */
export type Admit = (estimate: WorkEstimate) => boolean | Promise<boolean>;

/** The parameters of a GraphQL request (GraphQL over HTTP, "Request Parameters"). There is a `query` or a `documentId`. */
export interface RequestParams {
  readonly query?: string;
  /** The id of a persisted document. */
  readonly documentId?: string;
  readonly operationName?: string;
  readonly variables?: Readonly<Record<string, unknown>>;
  readonly extensions?: Readonly<Record<string, unknown>>;
}
