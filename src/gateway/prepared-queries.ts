import {
  type DocumentNode,
  type GraphQLSchema,
  getVariableValues,
  type ValidatedExecutionArgs,
  type VariableValues,
  validateExecutionArgs,
} from 'graphql';
import { LRUCache } from 'lru-cache';
import { type LimitValues, limitNames } from '../config/query-limits.ts';
import type { QuerySize } from '../cost/query-size.ts';
import type { WorkEstimate } from '../fairness/work.ts';
import type { OperationReport } from '../operation.ts';
import { costOf, estimateOf, sizeOf } from '../plugins/operation-size.ts';
import { hasDefer } from '../plugins/use-incremental-delivery.ts';
import type { DocumentParams } from './resolve-document.ts';

/** A query that is known to be valid and within all limits. Holds its document and variables, and nothing of its callers. */
export interface PreparedQuery {
  /** The text of the document. */
  readonly query: string;
  /** Without a context. */
  readonly args: ValidatedExecutionArgs;
  readonly estimate: WorkEstimate;
  readonly report: OperationReport;
}

/**
 * Queries that were executed before, so that a query that comes again is not parsed, validated and measured again. Mutations
 * are never prepared: their variables may hold secrets.
 *
 * Two caches, each bounded in bytes, hold them. The first finds a query by the whole text of its request. Callers can share it,
 * because a caller who sends the same text sends the same document with the same variables. The second finds a document by
 * its text and the name of the operation; the variables of each request are then coerced and measured.
 */
export interface PreparedQueries {
  /** The query of an earlier request of this text. */
  ofText(text: RequestText): PreparedQuery | undefined;
  /** Prepares a query whose document was executed before; null for any other, and if the query would be refused. */
  prepare(params: DocumentParams, text: RequestText): PreparedQuery | null;
  /** To be called when a query has been answered without errors. */
  learn(params: DocumentParams, report: OperationReport): void;
}

/** All that the parameters of a request are read from. */
export interface RequestText {
  /** The URL for GET, the body for POST. No body that can be read is also a URL. */
  readonly text: string;
  /** Grows when persisted documents change: an id may stand for another document then. */
  readonly documentsVersion: number;
}

/** What prepared queries are made with. */
export interface QueryTools {
  readonly schema: GraphQLSchema;
  /** The parsed documents by their texts. */
  readonly documents: Pick<LRUCache<string, DocumentNode>, 'get'>;
  /** The number of configured regions. */
  readonly regions: number;
  readonly limits: LimitValues;
  readonly hidesSuggestions: boolean;
}

export function createPreparedQueries(tools: QueryTools): PreparedQueries {
  const texts = new LRUCache<string, { readonly query: PreparedQuery; readonly documentsVersion: number }>(
    cacheOf(mostBytes.texts),
  );
  const documents = new LRUCache<string, KnownDocument>(cacheOf(mostBytes.documents));

  return {
    ofText({ text, documentsVersion }) {
      const known = texts.get(text);
      return known?.documentsVersion === documentsVersion ? known.query : undefined;
    },
    prepare(params, { text, documentsVersion }) {
      const document = documents.get(documentKey(params));
      const query = document ? prepare(tools, document, params) : null;
      if (query) texts.set(text, { query, documentsVersion }, { size: bytesOfQuery + 8 * text.length });
      return query;
    },
    learn(params, report) {
      if (report.operation !== 'query') return;
      const key = documentKey(params);
      const document = documents.has(key) ? null : knownDocument(tools, params, report);
      if (document) documents.set(key, document, { size: bytesOfQuery + bytesOfCharacter * key.length });
    },
  };
}

/** The most bytes that each cache holds, as estimated. */
const mostBytes = { texts: 16_000_000, documents: 50_000_000 };

/** What an entry of either cache holds beside its text, and what a plan and a syntax tree hold for a character of the document. */
const bytesOfQuery = 4_000;
const bytesOfCharacter = 200;

function cacheOf(maxSize: number) {
  return { maxSize, maxEntrySize: maxSize / 10 };
}

/** The length tells the document apart from a name that the client makes up. */
function documentKey({ query, operationName = '' }: DocumentParams): string {
  return `${operationName.length} ${operationName} ${query}`;
}

/** A document that was executed without errors, and the operation of it that was asked for. */
interface KnownDocument {
  /** Without variables and context. */
  readonly args: Omit<ValidatedExecutionArgs, 'variableValues' | 'rawVariableValues'>;
  readonly name: OperationReport['name'];
  readonly hash: OperationReport['hash'];
  /** By which of its variables are given. */
  readonly sizes: Map<string, QuerySize>;
}

function knownDocument(
  { schema, documents, hidesSuggestions }: QueryTools,
  { query, operationName, variables }: DocumentParams,
  { name, hash }: Pick<OperationReport, 'name' | 'hash'>,
): KnownDocument | null {
  const document = documents.get(query);
  if (!document || hasDefer(document)) return null;
  const validated = validateExecutionArgs({ schema, document, operationName, variableValues: variables });
  if (!('schema' in validated)) return null;
  const { variableValues: _values, rawVariableValues: _raw, ...args } = validated;
  return { args: { ...args, hideSuggestions: hidesSuggestions }, name, hash, sizes: new Map() };
}

function prepare(
  tools: QueryTools,
  document: KnownDocument,
  { query, variables }: DocumentParams,
): PreparedQuery | null {
  const { args, name, hash } = document;
  const options = { maxErrors: 0, hideSuggestions: true };
  const { variableValues } = getVariableValues(
    args.schema,
    args.operation.variableDefinitions ?? [],
    variables ?? {},
    options,
  );
  if (!variableValues) return null;
  const whole = { ...args, variableValues, rawVariableValues: variables };
  const size = knownSize(tools, document, whole);
  if (limitNames.some((limit) => size[limit] > tools.limits[limit])) return null;
  return {
    query,
    args: whole,
    estimate: estimateOf(size),
    report: { name, operation: 'query', hash, cost: costOf(size), errorCodes: [] },
  };
}

/** The most sizes that are kept for one document. */
const mostSizes = 16;

function knownSize({ regions, limits }: QueryTools, { sizes }: KnownDocument, args: ValidatedExecutionArgs): QuerySize {
  const key = sizeKey(args.variableValues);
  const known = key === null ? undefined : sizes.get(key);
  if (known) return known;
  const size = sizeOf(args, { regions, mostFields: limits.fields });
  if (key !== null && sizes.size < mostSizes) sizes.set(key, size);
  return size;
}

/**
 * Names all variables that a size depends on; null if lists, objects or numbers are among them. Of a text only its presence
 * matters.
 */
function sizeKey({ coerced }: VariableValues): string | null {
  let key = '';
  for (const name in coerced) {
    const value = coerced[name];
    if (typeof value === 'string') key += `${name}:text `;
    else if (typeof value === 'boolean' || value === null) key += `${name}:${value} `;
    else return null;
  }
  return key;
}
