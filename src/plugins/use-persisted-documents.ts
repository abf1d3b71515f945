import { GraphQLError } from 'graphql';
import type { Plugin } from 'graphql-yoga';
import type { PersistedDocuments } from '../config/persisted-documents.ts';
import type { Context } from '../context.ts';
import { codedError } from '../errors/coded-error.ts';
import type { AnyErrorCode } from '../errors/codes.ts';

/**
 * Lets clients send the id of a document instead of the document.
 * @param documents null if no manifest is configured.
 * @param options.areOthersRefused whether a document that is sent is refused, so that only known ones are executed.
 */
export function usePersistedDocuments(
  documents: PersistedDocuments | null,
  { areOthersRefused }: { areOthersRefused: boolean },
): Plugin<object, Context> {
  return {
    onParams({ context, request, setParams }) {
      const { documentId, ...params } = context.requestParams;
      if (documentId === undefined) {
        if (areOthersRefused) throw onlyKnown(request.method === 'GET');
        return;
      }
      // Apollo Client knows the codes of these errors. It sends the document then.
      if (!documents) throw notSupported();
      const query = documents.get(documentId);
      if (query === undefined) throw notFound();
      setParams({ ...params, query });
    },
  };
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
