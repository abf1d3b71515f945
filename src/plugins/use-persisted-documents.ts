import { usePersistedOperations } from '@graphql-yoga/plugin-persisted-operations';
import type { Plugin } from 'graphql-yoga';
import type { Context, Params } from '../context.ts';
import { codedError } from '../errors.ts';
import { type PersistedDocuments, withoutPrefix } from '../persisted-documents.ts';

/**
 * Lets clients send the id of a document instead of the document.
 * @param documents null if no manifest is configured.
 * @param options.areOthersRefused whether a document that is sent is refused, so that only known ones are executed.
 */
export function usePersistedDocuments(
  documents: PersistedDocuments | null,
  { areOthersRefused }: { areOthersRefused: boolean },
): Plugin | Plugin<object, Context> {
  if (!documents) return refuseIds;
  return usePersistedOperations({
    getPersistedOperation: (id: string) => documents.get(withoutPrefix(id)) ?? null,
    extractPersistedOperationId: ({ documentId }: Params) => documentId ?? null,
    // Apollo's clients know the codes of Apollo's server, and send the document itself.
    customErrors: {
      notFound: () =>
        codedError('PERSISTED_QUERY_NOT_FOUND', `The gateway has no document of this id. ${sendDocument}`),
      keyNotFound: () =>
        codedError('BAD_REQUEST', 'The document is empty. Send one as "query", or the id of one as "documentId".'),
      persistedQueryOnly: () =>
        codedError(
          'PERSISTED_QUERY_ONLY',
          'The gateway executes only documents that it knows. Send the id of one as "documentId", and no "query".',
        ),
    },
    allowArbitraryOperations: !areOthersRefused,
  });
}

const sendDocument = 'Send the document itself as "query".';

const refuseIds: Plugin<object, Context> = {
  onParams({ context }) {
    if (context.params.documentId !== undefined)
      throw codedError('PERSISTED_QUERY_NOT_SUPPORTED', `The gateway knows no ids of documents. ${sendDocument}`);
  },
};
