import pLimit from 'p-limit';
import type { Writer } from '../block-storage/client.ts';
import type { Context } from '../context.ts';
import { notSentInTime } from '../errors/explain.ts';
import type { Region } from '../regions.ts';
import { checkIds, findRegion, readId } from './global-id.ts';
import type { NodeType } from './node-type.ts';
import { describeOperationError, type OperationError } from './operation-error.ts';

/** A type whose objects can be deleted. */
export interface Deletable {
  readonly type: NodeType<object, [uuid: string]>;
  /** What such an object is called: in descriptions, in payloads and in the audit log. */
  readonly noun: string;
  /** Makes the REST call. */
  readonly remove: (client: Writer, uuid: string) => Promise<void>;
}

/** What a deletion was accepted for. */
export interface Deleted {
  readonly region: Region;
  readonly uuid: string;
}

/** What came of one of many deletions. */
export interface Deletion {
  /** The identifier as it was given. */
  readonly givenId: string;
  /** What is being deleted; null where it failed. */
  readonly deleted: Deleted | null;
  readonly error: OperationError | null;
}

/** Deletions that are under way together. */
const maxTogether = 8;

/**
 * Deletes many objects, each for itself: one that fails stops no other. An object named twice is deleted once. Near the end
 * of the request's time no deletion is started that would take as long as the slowest of its region so far, since nobody
 * would learn what came of it.
 */
export async function deleteMany(
  context: Context,
  { type, noun, remove }: Deletable,
  { ids, region }: { readonly ids: readonly string[]; readonly region?: string | null | undefined },
): Promise<Deletion[]> {
  checkIds(['input', 'ids'], ids);
  const limit = pLimit(maxTogether);
  const begun = new Map<string, Promise<void>>();
  const slowestMs = new Map<string, number>();

  async function removeInTime({ region, uuid }: Deleted): Promise<void> {
    const { code } = region;
    const start = performance.now();
    const isLate = start + (slowestMs.get(code) ?? 0) > context.caller.deadline;
    const run = async (client: Writer) => {
      if (isLate) throw notSentInTime(region);
      await remove(client, uuid);
    };
    try {
      await context.write(region, run, { verb: 'delete', object: noun, uuid });
    } finally {
      slowestMs.set(code, Math.max(slowestMs.get(code) ?? 0, performance.now() - start));
    }
  }

  return Promise.all(
    ids.map(async (id, index) => {
      let found: Region | null = region == null ? null : findRegion(context, region);
      try {
        const named = readId(context, type, { path: ['input', 'ids', index], id, region });
        found = named.region;
        const key = `${found.code} ${named.uuid}`;
        const done = begun.get(key) ?? limit(() => removeInTime(named));
        begun.set(key, done);
        await done;
        return { givenId: id, deleted: named, error: null };
      } catch (error) {
        const described = describeOperationError(error, found);
        context.payloadErrorCodes.add(described.code);
        return { givenId: id, deleted: null, error: described };
      }
    }),
  );
}
