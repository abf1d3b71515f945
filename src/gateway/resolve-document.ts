import { GraphQLError } from 'graphql';
import type { PersistedDocuments } from '../config/persisted-documents.ts';
import { codedError } from '../errors/coded-error.ts';
import type { AnyErrorCode } from '../errors/codes.ts';
import type { GatewayRequest } from './answer.ts';

/** The parameters of a request as the GraphQL server takes them: the document itself, no id. */
export interface DocumentParams {
  readonly query: string;
  readonly operationName?: string;
  readonly variables?: Record<string, unknown>;
  readonly extensions?: Record<string, unknown>;
}

/**
 * Replaces the id of a persisted document by the document; gives the error if the request is refused.
 * @param documents null if no manifest is configured.
 * @param options.areOthersRefused whether a document that is sent is refused, so that only known ones are executed.
 */
export function resolveDocument(
  { method, readParams }: Pick<GatewayRequest, 'method' | 'readParams'>,
  documents: PersistedDocuments | null,
  { areOthersRefused }: { readonly areOthersRefused: boolean },
): DocumentParams | GraphQLError {
  const { documentId, query, ...rest } = readParams();
  if (documentId === undefined) {
    if (query === undefined) throw new Error('The parameters have neither a document nor an id.');
    return areOthersRefused ? onlyKnown(method === 'GET') : { ...rest, query };
  }
  // Apollo Client knows the codes of these errors. It sends the document then.
  if (!documents) return notSupported();
  const known = documents.get(documentId);
  return known === undefined ? notFound() : { ...rest, query: known };
}

/** @param isGet the document may be a mutation, which always has a 4xx status by GET (GraphQL over HTTP, "GET"). */
function onlyKnown(isGet: boolean): GraphQLError {
  const message = 'The gateway executes only persisted documents. Send the id of one as "documentId", and no "query".';
  const extensions = { code: 'PERSISTED_QUERY_ONLY' satisfies AnyErrorCode, ...(isGet && { http: { status: 422 } }) };
  return new GraphQLError(message, { extensions });
}

function notSupported() {
  const message = 'Persisted documents are not configured. Send the document itself as "query".';
  return codedError('PERSISTED_QUERY_NOT_SUPPORTED', message);
}

function notFound() {
  const message = 'No persisted document has this id. Send the document itself as "query", or publish its manifest.';
  return codedError('PERSISTED_QUERY_NOT_FOUND', message);
}
