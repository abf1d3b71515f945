import pLimit from 'p-limit';
import type { Writer } from '../block-storage/client.ts';
import type { Context } from '../context.ts';
import { badArgument, type ErrorCode, type ErrorDetails, explain, notSentInTime } from '../errors.ts';
import type { Region } from '../regions.ts';
import { builder } from './builder.ts';
import { ErrorCodeEnum } from './failure.ts';
import { findRegion, readId } from './global-id.ts';
import type { NodeType } from './node-type.ts';
import { RegionRef } from './ref.ts';

/** Why one of many operations failed. */
interface OperationError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly region: Region | null;
  readonly requestId: string | null;
  /** Seconds. */
  readonly retryAfter: number | null;
  readonly outcomeUnknown: boolean;
}

export const OperationErrorRef = builder.objectRef<OperationError>('OperationError').implement({
  description: 'Why one of many operations failed.',
  fields: (t) => ({
    code: t.expose('code', { type: ErrorCodeEnum, nullable: false, description: 'Why.' }),
    message: t.exposeString('message', {
      nullable: false,
      description: 'Why, in the region’s words if it gave a reason; `code` says what to do.',
    }),
    region: t.expose('region', { type: RegionRef, description: 'Where; null where the id did not tell.' }),
    requestId: t.exposeString('requestId', {
      description: 'The upstream’s own id of the failed call, for its operator; null where no answer came.',
    }),
    retryAfter: t.exposeInt('retryAfter', {
      description: 'Seconds to wait: what the region asked for, or how long the gateway will not call it.',
    }),
    outcomeUnknown: t.exposeBoolean('outcomeUnknown', {
      nullable: false,
      description: 'True when it may have been carried out all the same: look before you try again.',
    }),
  }),
});

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
  type: NodeType<object, [uuid: string]>,
  object: 'volume' | 'snapshot',
  { ids, region }: { readonly ids: readonly string[]; readonly region?: string | null | undefined },
  remove: (client: Writer, uuid: string) => Promise<void>,
): Promise<Deletion[]> {
  if (ids.length > 100) throw badArgument(['input', 'ids'], `holds ${ids.length} identifiers; 100 are allowed.`);
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
      await context.write(region, run, { verb: 'delete', object, uuid });
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
        const described = describe(error, found);
        context.payloadErrorCodes.add(described.code);
        return { givenId: id, deleted: null, error: described };
      }
    }),
  );
}

function describe(error: unknown, region: Region | null): OperationError {
  const explained = explain(error);
  if (!explained) throw error;
  // Every error that can be explained has a code of the table, and such details.
  const { code, upstream, retryAfter, outcomeUnknown } = explained.extensions as { code: ErrorCode } & ErrorDetails &
    object;
  return {
    code,
    message: explained.message,
    region,
    requestId: upstream?.requestId ?? null,
    retryAfter: retryAfter ?? null,
    outcomeUnknown: outcomeUnknown ?? false,
  };
}
