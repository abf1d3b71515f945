import pLimit from 'p-limit';
import type { Client } from '../block-storage/client.ts';
import type { Context } from '../context.ts';
import { badInput, type ErrorCode, explain } from '../errors.ts';
import type { Region } from '../regions.ts';
import { builder } from './builder.ts';
import { ErrorCodeEnum } from './failure.ts';
import { findRegion, readId } from './global-id.ts';
import { RegionRef } from './ref.ts';

/** Why one of many operations failed. */
interface OperationError {
  readonly code: ErrorCode;
  readonly message: string;
  readonly region: Region | null;
  readonly outcomeUnknown: boolean;
}

export const OperationErrorRef = builder.objectRef<OperationError>('OperationError').implement({
  description: 'Why one of many operations failed.',
  fields: (t) => ({
    code: t.expose('code', { type: ErrorCodeEnum, nullable: false, description: 'Why.' }),
    message: t.exposeString('message', { nullable: false, description: 'Why, and what to do, in words.' }),
    region: t.expose('region', { type: RegionRef, description: 'Where; null where the id did not tell.' }),
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
  /** As it was given. */
  readonly id: string;
  /** What is being deleted; null where it failed. */
  readonly deleted: Deleted | null;
  readonly error: OperationError | null;
}

/** Deletions that are under way together. */
const maxTogether = 8;

/** Deletes many objects, each for itself: one that fails stops no other. An object named twice is deleted once. */
export async function deleteMany(
  context: Context,
  type: 'Volume' | 'Snapshot',
  { ids, region }: { readonly ids: readonly string[]; readonly region?: string | null | undefined },
  remove: (client: Client, uuid: string) => Promise<void>,
): Promise<Deletion[]> {
  if (ids.length > 100) throw badInput(`"ids" holds ${ids.length} identifiers; 100 are allowed.`);
  const limit = pLimit(maxTogether);
  const begun = new Map<string, Promise<void>>();
  return Promise.all(
    ids.map(async (id) => {
      let found: Region | null = region == null ? null : findRegion(context, region);
      try {
        const object = readId(context, type, { name: 'ids', id, region });
        found = object.region;
        const key = `${found.code} ${object.uuid}`;
        const done =
          begun.get(key) ??
          limit(() => context.write(object.region, (client) => remove(client, object.uuid), object.uuid));
        begun.set(key, done);
        await done;
        return { id, deleted: object, error: null };
      } catch (error) {
        return { id, deleted: null, error: describe(error, found) };
      }
    }),
  );
}

function describe(error: unknown, region: Region | null): OperationError {
  const explained = explain(error);
  if (!explained) throw error;
  const { code, outcomeUnknown } = explained.extensions;
  // Every error that can be explained has a code of the table.
  return { code: code as ErrorCode, message: explained.message, region, outcomeUnknown: outcomeUnknown === true };
}
