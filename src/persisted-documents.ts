import { readFileSync } from 'node:fs';
import { z } from 'zod';

/** Documents that clients name in place of sending them, by their id: as a rule the SHA-256 of their text. */
export type PersistedDocuments = ReadonlyMap<string, string>;

/** As GraphQL Code Generator and Relay's compiler write it, and as Apollo's `generate-persisted-query-manifest` does. */
const Manifest = z.union([
  z.record(z.string().min(1), z.string().min(1)),
  z
    .object({
      format: z.literal('apollo-persisted-query-manifest'),
      operations: z.array(z.object({ id: z.string().min(1), body: z.string().min(1) })),
    })
    .transform(({ operations }) => Object.fromEntries(operations.map(({ id, body }) => [id, body]))),
]);

/** @throws an error whose message says what is wrong with the file. */
export function readPersistedDocuments(path: string): PersistedDocuments {
  const { data, success } = Manifest.safeParse(JSON.parse(readFileSync(path, 'utf8')));
  if (!success) throw new Error('is no object of ids and documents, nor a manifest of Apollo');
  return new Map(Object.entries(data).map(([id, document]) => [withoutPrefix(id), document]));
}

/** An id without what it is a hash of, which some name and some do not. */
export function withoutPrefix(id: string): string {
  return id.replace(/^sha256:/, '');
}
