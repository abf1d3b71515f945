import type { Breathe, Client } from '../block-storage/client.ts';
import { BlockStorageError } from '../block-storage/error.ts';
import { manyIds, manySingly, maxRows, type Page, type PageQuery, type ReadPage } from '../block-storage/page.ts';
import type { Portion } from '../block-storage/walk.ts';
import type { Identified } from '../block-storage/walkable.ts';

/** Pages of a list, each read once within a request. */
export interface Pages<Row> {
  readonly read: (query: PageQuery) => Promise<Page<Row>>;
  /** The rows of the pages that are here, by id. */
  readonly rows: () => Promise<Map<string, Row>>;
}

/** Bytes of rows of one list that are kept at most, where rows are so large that `maxRows` of them would be more. */
const maxKeptBytes = 32 * 1024 * 1024;

/**
 * Gives equal queries one answer. Keeps so many rows that a scan of a huge list does not fill the memory.
 * @param breathe between pages, where all that are here are gone through.
 */
export function keepPages<Row extends Identified>(
  read: (query: PageQuery) => Promise<ReadPage<Row>>,
  breathe: Breathe,
): Pages<Row> {
  const asked = new Map<string, Promise<Page<Row>>>();
  const kept = new Map<string, ReadPage<Row>>();
  let count = 0;
  let bytes = 0;

  async function readAndKeep(key: string, query: PageQuery): Promise<Page<Row>> {
    const page = await read(query).catch((error: unknown) => {
      // A replica may know the marker a moment later.
      if (error instanceof BlockStorageError && error.code === 'NOT_FOUND') asked.delete(key);
      throw error;
    });
    kept.set(key, page);
    count += page.rows.length;
    bytes += page.held.bytes;
    for (const [oldest, { rows, held }] of kept) {
      if ((count <= maxRows && bytes <= maxKeptBytes) || oldest === key) break;
      kept.delete(oldest);
      asked.delete(oldest);
      count -= rows.length;
      bytes -= held.bytes;
      held.release();
    }
    return page;
  }

  return {
    read(query) {
      const key = JSON.stringify(query);
      const page = asked.get(key) ?? readAndKeep(key, query);
      asked.set(key, page);
      return page;
    },
    async rows() {
      const all = new Map<string, Row>();
      for (const { rows } of kept.values()) {
        const pause = breathe(rows.length);
        if (pause) await pause;
        for (const row of rows) all.set(row.uuid, row);
      }
      return all;
    },
  };
}

/**
 * A batch function that reads few ids singly; for many it reads a list first, and singly what that lacks. So many that
 * even then too many are left are read singly up to a bound, and the rest fails. If the list fails, what is here is given, and
 * the rest fails as the list did: a region that fails is not asked for each of them.
 */
export function readByIds<Row extends Identified>(
  rows: Pages<Row>['rows'],
  readList: () => AsyncIterator<Portion<Row>, void>,
  readOne: (uuid: string) => Promise<Row | null>,
  region: Client['region'],
): (uuids: readonly string[]) => Promise<(Row | null | Error)[]> {
  return async (uuids) => {
    const here = await rows();
    const lacking = () => uuids.filter((uuid) => !here.has(uuid)).length;
    let isWhole = false;
    let failure: { readonly error: unknown } | null = null;
    if (lacking() >= manyIds) {
      const list = readList();
      do {
        const portion = await list.next().catch((error: unknown) => {
          failure = { error };
          return null;
        });
        if (portion === null) break;
        isWhole = portion.value?.isLast ?? true;
        // The pages themselves may have made room for others by now.
        for (const row of portion.value?.rows ?? []) here.set(row.uuid, row);
      } while (lacking() > manySingly && !isWhole && here.size < maxRows);
    }
    const isNone = isWhole && lacking() > manySingly;
    let singly = 0;
    return settle(uuids, async (uuid) => {
      const row = here.get(uuid);
      if (row !== undefined || isNone) return row ?? null;
      if (failure) throw failure.error;
      if (++singly > manySingly) throw tooMany(region);
      return readOne(uuid);
    });
  };
}

function tooMany(region: Client['region']): BlockStorageError {
  const message = `More than ${manySingly} objects of region ${region.enumName} would have to be read singly. Ask for fewer at once.`;
  return new BlockStorageError('QUERY_TOO_COMPLEX', message, { region });
}

/** A batch function's answer for each key: its value, or why it has none. */
export function settle<Key, Value>(keys: readonly Key[], read: (key: Key) => Promise<Value>) {
  return Promise.all(keys.map((key) => read(key).catch(asError)));
}

function asError(error: unknown): Error {
  return error instanceof Error ? error : new Error(String(error));
}
