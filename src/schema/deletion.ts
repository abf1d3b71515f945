import { cost } from '../cost/field-cost.ts';
import { idsOfInput, ofMany, ofPage } from '../cost/figures.ts';
import { builder } from './builder.ts';
import { type Deletable, type Deleted, type Deletion, deleteMany } from './delete-many.ts';
import { encodeGlobalId, maxIds, readId } from './global-id.ts';
import { OperationErrorRef } from './operation-error.ts';
import { RegionCode } from './region.ts';

/**
 * Adds the mutation that deletes one object of a type.
 * @param field such as `deleteVolume`.
 */
export function addDeletion(field: string, deletable: Deletable, description: string): void {
  const { type, noun, remove } = deletable;
  const input = deletionInput(type.name);
  const payload = deletionPayload(deletable);
  builder.mutationField(field, (t) =>
    t.field({
      type: payload,
      extensions: cost({ calls: 1 }),
      description,
      args: { input: t.arg({ type: input, required: true, description: 'What to delete.' }) },
      resolve: async (_root, { input }, context) => {
        const { region, uuid } = readId(context, type, { path: ['input', 'id'], id: input.id, region: input.region });
        await context.write(region, (client) => remove(client, uuid), { verb: 'delete', object: noun, uuid });
        return { region, uuid };
      },
    }),
  );
}

/**
 * Adds the mutation that deletes many objects of a type.
 * @param field such as `deleteVolumes`.
 */
export function addDeletions(field: string, deletable: Deletable): void {
  const input = deletionsInput(deletable.type.name);
  const payload = deletionsPayload(deletable);
  builder.mutationField(field, (t) =>
    t.field({
      type: payload,
      extensions: cost({ calls: idsOfInput, page: idsOfInput }),
      description: `Deletes many ${deletable.noun}s, each for itself: one that fails stops no other.`,
      args: { input: t.arg({ type: input, required: true, description: 'What to delete.' }) },
      resolve: (_root, { input }, context) => deleteMany(context, deletable, input),
    }),
  );
}

function deletionInput(type: string) {
  return builder.inputType(`Delete${type}Input`, {
    description: 'What to delete.',
    fields: (t) => ({
      id: t.id({ required: true, description: 'Global identifier, or a UUID together with `region`.' }),
      region: t.field({ type: RegionCode, description: 'Needed with a UUID only.' }),
    }),
  });
}

function deletionsInput(type: string) {
  return builder.inputType(`Delete${type}sInput`, {
    description: 'What to delete.',
    fields: (t) => ({
      ids: t.idList({
        required: true,
        description: `${maxIds} at most. Global identifiers, or UUIDs together with \`region\`.`,
      }),
      region: t.field({ type: RegionCode, description: 'Needed with UUIDs only.' }),
    }),
  });
}

function deletionPayload({ type, noun }: Deletable) {
  const { name, ref } = type;
  return builder.objectRef<Deleted>(`Delete${name}Payload`).implement({
    description: `Result of \`delete${name}\`. The upstream deletes after its answer.`,
    fields: (t) => ({
      [`deleted${name}Id`]: t.id({
        nullable: false,
        description: `Global identifier of the ${noun} that is being deleted.`,
        resolve: ({ region, uuid }) => encodeGlobalId(type, region, uuid),
      }),
      [noun]: t.field({
        type: ref,
        description: `The ${noun} as it is now, usually \`DELETING\`; null if it is already gone.`,
        resolve: ({ region, uuid }, _args, context) => type.load(context, region, uuid),
      }),
    }),
  });
}

function deletionsPayload(deletable: Deletable) {
  const { name } = deletable.type;
  const result = deletionResult(deletable);
  return builder.objectRef<readonly Deletion[]>(`Delete${name}sPayload`).implement({
    description: `Result of \`delete${name}s\`.`,
    fields: (t) => ({
      results: t.field({
        type: [result],
        nullable: false,
        extensions: cost({ length: ofPage }),
        description: 'One for each identifier, in their order.',
        resolve: (deletions) => deletions,
      }),
    }),
  });
}

function deletionResult({ type, noun }: Deletable) {
  const { name, ref } = type;
  return builder.objectRef<Deletion>(`Delete${name}Result`).implement({
    description: 'What came of one deletion of several.',
    fields: (t) => ({
      givenId: t.exposeID('givenId', { nullable: false, description: 'The identifier as it was given.' }),
      [`deleted${name}Id`]: t.id({
        nullable: true,
        description: `Global identifier of the ${noun} that is being deleted; null where it failed.`,
        resolve: ({ deleted }) => deleted && encodeGlobalId(type, deleted.region, deleted.uuid),
      }),
      [noun]: t.field({
        type: ref,
        extensions: cost({ scans: ofMany }),
        description: `The ${noun} as it is now, usually \`DELETING\`; null if it is already gone or its deletion failed.`,
        resolve: ({ deleted }, _args, context) => deleted && type.load(context, deleted.region, deleted.uuid),
      }),
      error: t.expose('error', { type: OperationErrorRef, description: 'Why it failed.' }),
    }),
  });
}
