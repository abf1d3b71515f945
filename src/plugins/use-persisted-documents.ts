import { usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations';
import type { Plugin } from 'graphql-yoga';
import { type PersistedDocuments, withoutPrefix } from '../persisted-documents.ts';

/**
 * Lets clients name a document in place of sending it: as `documentId` (GraphQL over HTTP, appendix B), with or without
 * `sha256:` before it, or as `extensions.persistedQuery.sha256Hash`, as Apollo's clients do.
 * @param options.areOthersRefused whether a document that is sent is refused, so that only known ones are executed.
 */
export function usePersistedDocuments(
  documents: PersistedDocuments,
  { areOthersRefused }: { areOthersRefused: boolean },
): Plugin {
  return usePersistedOperations({
    getPersistedOperation: (id: string) => documents.get(id) ?? null,
    extractPersistedOperationId: ({ extensions, ...params }, { method, url }) => {
      const id = method === 'GET' ? new URL(url).searchParams.get('documentId') : Object(params).documentId;
      if (typeof id === 'string') return withoutPrefix(id);
      const hash = extensions?.persistedQuery?.sha256Hash;
      return typeof hash === 'string' ? hash : null;
    },
    customErrors: {
      // The code by which Apollo's clients know to send the document itself.
      notFound: {
        message: 'The gateway has no document of this id. Send the document itself, or have the manifest renewed.',
        extensions: { code: 'PERSISTED_QUERY_NOT_FOUND' },
      },
      keyNotFound: {
        message: 'Send "query", or the id of a document that the gateway knows as "documentId".',
        extensions: { code: 'BAD_REQUEST' },
      },
      persistedQueryOnly: {
        message:
          'The gateway executes only documents that it knows. Send the id of one as "documentId", and no "query".',
        extensions: { code: 'PERSISTED_QUERY_ONLY' },
      },
    },
    allowArbitraryOperations: !areOthersRefused,
  });
}
