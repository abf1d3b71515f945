import { readFileSync, type StatsListener, unwatchFile, watchFile } from 'node:fs';
import type { Logger } from 'pino';
import { z } from 'zod';

/** Documents that clients name instead of sending them, by their ids; usually an id is the SHA-256 of the text. */
export interface PersistedDocuments {
  get(id: string): string | undefined;
  /** Grows with each change of the documents. */
  version(): number;
  /** Stops following the files. */
  close(): void;
}

/** Manifest files, and the documents that were read from them. */
export interface Manifests {
  readonly paths: readonly string[];
  /** By id, without the name of a hash. */
  readonly documents: ReadonlyMap<string, string>;
}

/** Ids and documents, as GraphQL Code Generator, Relay's compiler or Apollo's `generate-persisted-query-manifest` writes them. */
const Manifest = z.union([
  z.record(z.string().min(1), z.string().min(1)).transform((documents) => Object.entries(documents)),
  z
    .object({
      format: z.literal('apollo-persisted-query-manifest'),
      operations: z.array(z.object({ id: z.string().min(1), body: z.string().min(1) })),
    })
    .transform(({ operations }) => operations.map(({ id, body }): [string, string] => [id, body])),
]);

/** In milliseconds. File events are not reliable on mounted volumes, so files are polled. */
const pollIntervalMs = 1_000;

/**
 * Reads manifests again when one of the files changes. If that fails a log line says why, and the documents read before
 * stay.
 */
export function followManifests({ paths, documents: first }: Manifests, logger: Logger): PersistedDocuments {
  let documents = first;
  let version = 0;

  const reload: StatsListener = (now, before) => {
    // The time of the last change also tells of a file of the same size and modification time. Reading does not change it.
    if (now.ctimeMs === before.ctimeMs && now.ino === before.ino) return;
    try {
      ({ documents } = readManifests(paths));
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
export function readManifests(paths: readonly string[]): Manifests {
  const documents = new Map<string, string>();
  for (const path of paths) {
    for (const [id, document] of readManifest(path)) {
      const name = withoutPrefix(id);
      if ((documents.get(name) ?? document) !== document)
        throw new Error(`${path} cannot be used: the id ${name} stands for another document already`);
      documents.set(name, document);
    }
  }
  return { paths, documents };
}

function readManifest(path: string): readonly [id: string, document: string][] {
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
