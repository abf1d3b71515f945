import { readFileSync, type StatsListener, unwatchFile, watchFile } from 'node:fs';
import { z } from 'zod';
import type { Logger } from './logger.ts';

/** Documents that clients name instead of sending them, by their ids; usually an id is the SHA-256 of the text. */
export interface PersistedDocuments {
  get(id: string): string | undefined;
  /** Grows with each change of the documents. */
  version(): number;
  /** Stops following the files. */
  close(): void;
}

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

/** In milliseconds. File events are not reliable on mounted volumes, so files are polled. */
const pollIntervalMs = 1_000;

/**
 * Reads manifests, and reads them again when one of the files changes. If that fails a log line says why, and the documents
 * read before stay.
 * @throws if a file cannot be used.
 */
export function followManifests(paths: readonly string[], logger: Logger): PersistedDocuments {
  let documents = readManifests(paths);
  let version = 0;

  const reload: StatsListener = (now, before) => {
    // Reading a file changes its access time alone.
    if (now.mtimeMs === before.mtimeMs && now.ino === before.ino && now.size === before.size) return;
    try {
      documents = readManifests(paths);
      version++;
      logger.info({ documents: documents.size }, 'persisted documents read again');
    } catch (error) {
      logger.error({ error }, 'persisted documents cannot be read again, the ones before stay');
    }
  };

  for (const path of paths) watchFile(path, { interval: pollIntervalMs, persistent: false }, reload);
  return {
    get: (id) => documents.get(withoutPrefix(id)),
    version: () => version,
    close() {
      for (const path of paths) unwatchFile(path, reload);
    },
  };
}

/** @throws an error whose message names the file and says what is wrong with it. */
export function readManifests(paths: readonly string[]): ReadonlyMap<string, string> {
  const documents = new Map<string, string>();
  for (const path of paths) {
    for (const [id, document] of Object.entries(readManifest(path))) {
      const name = withoutPrefix(id);
      if ((documents.get(name) ?? document) !== document)
        throw new Error(`${path} cannot be used: the id ${name} is another document in an earlier manifest`);
      documents.set(name, document);
    }
  }
  return documents;
}

function readManifest(path: string): Readonly<Record<string, string>> {
  try {
    const { data, success } = Manifest.safeParse(JSON.parse(readFileSync(path, 'utf8')));
    if (!success) throw new Error('it is neither an object of ids and documents nor a manifest of Apollo');
    return data;
  } catch (error) {
    throw new Error(`${path} cannot be used: ${error instanceof Error ? error.message : String(error)}`, {
      cause: error,
    });
  }
}

/** An id without the name of its hash, which some clients send and some do not. */
function withoutPrefix(id: string): string {
  return id.replace(/^sha256:/, '');
}
