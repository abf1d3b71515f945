import { z } from 'zod';
import { createVolume, deleteVolume, type Volume, type VolumeInput } from '../block-storage/volume.ts';
import type { Context } from '../context.ts';
import { badArgument, codedError } from '../errors.ts';
import type { Region } from '../regions.ts';
import { builder } from './builder.ts';
import { type Deleted, type Deletion, deleteMany } from './delete-many.ts';
import { encodeGlobalId, findRegion, maxIds, readId } from './global-id.ts';
import { metadataObject, requiredText, shortText, trimmedText } from './input.ts';
import { OperationErrorRef } from './operation-error.ts';
import { VolumeRef } from './ref.ts';
import { RegionCode } from './region.ts';
import { snapshotNode } from './snapshot.ts';
import { volumeNode } from './volume.ts';

const VolumeEncryptionInput = builder.inputType('VolumeEncryptionInput', {
  description: 'The symmetric key of Secure Key Manager to encrypt the volume with.',
  fields: (t) => ({
    appKey: t.string({ required: true, validate: requiredText, description: 'Appkey of Secure Key Manager; secret.' }),
    keyId: t.string({ required: true, validate: requiredText, description: 'Identifier of the symmetric key.' }),
  }),
});

const CreateVolumeInput = builder.inputType('CreateVolumeInput', {
  description: 'What to create. What is left out is left to the region.',
  fields: (t) => ({
    region: t.field({ type: RegionCode, required: true, description: 'Where to create it.' }),
    size: t.int({
      validate: z.number().int().min(1, 'must be at least 1.').nullish(),
      description: 'In gigabytes. May be left out with a source: then the source’s size is taken.',
    }),
    name: t.string({ validate: trimmedText, description: 'At most 255 characters.' }),
    description: t.string({ validate: trimmedText, description: 'Free text, at most 255 characters.' }),
    volumeType: t.string({ validate: shortText, description: 'Name of a volume type, see `volumeTypes`.' }),
    availabilityZone: t.string({ validate: shortText, description: 'Part of the region, such as `kr-pub-a`.' }),
    snapshotId: t.id({ description: 'The snapshot to make it from: global identifier or UUID.' }),
    sourceVolumeId: t.id({ description: 'The volume to copy: global identifier or UUID.' }),
    metadata: t.field({
      type: 'JSONObject',
      validate: metadataObject,
      description: 'Keys and text values, 255 characters at most each.',
    }),
    encryption: t.field({ type: VolumeEncryptionInput, description: 'Encrypts the volume.' }),
  }),
});

const DeleteVolumeInput = builder.inputType('DeleteVolumeInput', {
  description: 'What to delete.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Global identifier, or a UUID together with `region`.' }),
    region: t.field({ type: RegionCode, description: 'Needed with a UUID only.' }),
  }),
});

const CreateVolumePayload = builder.objectRef<{ readonly volume: Volume }>('CreateVolumePayload').implement({
  description: 'Result of `createVolume`.',
  fields: (t) => ({
    volume: t.expose('volume', { type: VolumeRef, description: 'The new volume, `CREATING` as a rule.' }),
  }),
});

const DeleteVolumePayload = builder.objectRef<Deleted>('DeleteVolumePayload').implement({
  description: 'Result of `deleteVolume`. The upstream deletes after its answer.',
  fields: (t) => ({
    deletedVolumeId: t.id({
      nullable: false,
      description: 'Global identifier of the volume that is being deleted.',
      resolve: ({ region, uuid }) => encodeGlobalId(volumeNode, region, uuid),
    }),
    volume: t.field({
      type: VolumeRef,
      description: 'The volume as it is now, usually `DELETING`; null if it is already gone.',
      resolve: ({ region, uuid }, _args, context) => context.loaders(region).volumeById.load(uuid),
    }),
  }),
});

const DeleteVolumesInput = builder.inputType('DeleteVolumesInput', {
  description: 'What to delete.',
  fields: (t) => ({
    ids: t.idList({
      required: true,
      description: `${maxIds} at most. Global identifiers, or UUIDs together with \`region\`.`,
    }),
    region: t.field({ type: RegionCode, description: 'Needed with UUIDs only.' }),
  }),
});

const DeleteVolumeResult = builder.objectRef<Deletion>('DeleteVolumeResult').implement({
  description: 'What came of one deletion of several.',
  fields: (t) => ({
    givenId: t.exposeID('givenId', { nullable: false, description: 'The identifier as it was given.' }),
    deletedVolumeId: t.id({
      nullable: true,
      description: 'Global identifier of the volume that is being deleted; null where it failed.',
      resolve: ({ deleted }) => deleted && encodeGlobalId(volumeNode, deleted.region, deleted.uuid),
    }),
    volume: t.field({
      type: VolumeRef,
      description: 'The volume as it is now, usually `DELETING`; null if it is already gone or its deletion failed.',
      resolve: ({ deleted }, _args, context) =>
        deleted && context.loaders(deleted.region).volumeById.load(deleted.uuid),
    }),
    error: t.expose('error', { type: OperationErrorRef, description: 'Why it failed.' }),
  }),
});

const DeleteVolumesPayload = builder.objectRef<readonly Deletion[]>('DeleteVolumesPayload').implement({
  description: 'Result of `deleteVolumes`.',
  fields: (t) => ({
    results: t.field({
      type: [DeleteVolumeResult],
      nullable: false,
      description: 'One for each identifier, in their order.',
      resolve: (deletions) => deletions,
    }),
  }),
});

builder.mutationFields((t) => ({
  createVolume: t.field({
    type: CreateVolumePayload,
    description: 'Creates a volume, empty or from a snapshot or volume. Watch its `status` until it is `AVAILABLE`.',
    args: { input: t.arg({ type: CreateVolumeInput, required: true, description: 'What to create.' }) },
    resolve: async (_root, { input }, context) => {
      const region = findRegion(context, input.region);
      const body = await readVolumeInput(context, region, input);
      const volume = await context.write(region, (client) => createVolume(client, body), {
        verb: 'create',
        object: 'volume',
        source: body.snapshotUuid ?? body.sourceVolumeUuid ?? null,
        uuidOf: (made) => made.uuid,
      });
      return { volume };
    },
  }),
  deleteVolume: t.field({
    type: DeleteVolumePayload,
    description: 'Deletes a volume. One that is attached or has snapshots cannot be deleted.',
    args: { input: t.arg({ type: DeleteVolumeInput, required: true, description: 'What to delete.' }) },
    resolve: async (_root, { input }, context) => {
      const volume = readId(context, volumeNode, { path: ['input', 'id'], id: input.id, region: input.region });
      await context.write(volume.region, (client) => deleteVolume(client, volume.uuid), {
        verb: 'delete',
        object: 'volume',
        uuid: volume.uuid,
      });
      return volume;
    },
  }),
  deleteVolumes: t.field({
    type: DeleteVolumesPayload,
    description: 'Deletes many volumes, each for itself: one that fails stops no other.',
    args: { input: t.arg({ type: DeleteVolumesInput, required: true, description: 'What to delete.' }) },
    resolve: (_root, { input }, context) => deleteMany(context, volumeNode, 'volume', input, deleteVolume),
  }),
}));

/** The wire's input of a mutation's; a size left out is read from the source. */
async function readVolumeInput(
  context: Context,
  region: Region,
  input: typeof CreateVolumeInput.$inferInput,
): Promise<VolumeInput> {
  if (input.snapshotId != null && input.sourceVolumeId != null)
    throw badArgument(['input', 'sourceVolumeId'], 'and "input.snapshotId" were both given. Give one of them.');
  const read = (type: typeof snapshotNode | typeof volumeNode, name: string, id: string | null | undefined) =>
    id == null ? undefined : readId(context, type, { path: ['input', name], id, region: region.code }).uuid;
  const snapshotUuid = read(snapshotNode, 'snapshotId', input.snapshotId);
  const sourceVolumeUuid = read(volumeNode, 'sourceVolumeId', input.sourceVolumeId);
  return {
    size: input.size ?? (await sizeOfSource(context, region, snapshotUuid, sourceVolumeUuid)),
    name: input.name ?? undefined,
    description: input.description ?? undefined,
    volumeType: input.volumeType ?? undefined,
    availabilityZone: input.availabilityZone ?? undefined,
    snapshotUuid,
    sourceVolumeUuid,
    metadata: input.metadata ?? undefined,
    encryption: input.encryption ?? undefined,
  };
}

/** The guide requires a size on every create. */
async function sizeOfSource(context: Context, region: Region, snapshotUuid?: string, volumeUuid?: string) {
  const loaders = context.loaders(region);
  if (snapshotUuid !== undefined) return sizeOf(await loaders.snapshotById.load(snapshotUuid), 'snapshot', region);
  if (volumeUuid !== undefined) return sizeOf(await loaders.volumeById.load(volumeUuid), 'source volume', region);
  throw badArgument(['input', 'size'], 'is needed unless the volume is made from a snapshot or volume.');
}

function sizeOf(source: { size: number | null } | null, noun: string, region: Region): number {
  const { enumName } = region;
  if (!source) throw codedError('NOT_FOUND', `There is no such ${noun} in region ${enumName}.`, { region: enumName });
  if (source.size === null)
    throw badArgument(['input', 'size'], `is needed, because the ${noun} does not tell its size.`);
  return source.size;
}
