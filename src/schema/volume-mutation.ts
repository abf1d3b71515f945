import { z } from 'zod';
import { createVolume, deleteVolume, type Volume, type VolumeInput } from '../block-storage/volume.ts';
import type { Context } from '../context.ts';
import { cost } from '../cost/field-cost.ts';
import { badArgument, codedError } from '../errors/coded-error.ts';
import type { Region } from '../regions.ts';
import { builder } from './builder.ts';
import type { Deletable } from './delete-many.ts';
import { addDeletion, addDeletions } from './deletion.ts';
import { findRegion, readId } from './global-id.ts';
import { metadataObject, requiredText, shortText, trimmedText } from './input.ts';
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

const CreateVolumePayload = builder.objectRef<{ readonly volume: Volume }>('CreateVolumePayload').implement({
  description: 'Result of `createVolume`.',
  fields: (t) => ({
    volume: t.expose('volume', { type: VolumeRef, description: 'The new volume, `CREATING` as a rule.' }),
  }),
});

builder.mutationField('createVolume', (t) =>
  t.field({
    type: CreateVolumePayload,
    extensions: cost({ calls: 1 }),
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
);

const deletable: Deletable = { type: volumeNode, noun: 'volume', remove: deleteVolume };
addDeletion('deleteVolume', deletable, 'Deletes a volume. One that is attached or has snapshots cannot be deleted.');
addDeletions('deleteVolumes', deletable);

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
  if (snapshotUuid !== undefined) return sizeOf(await loaders.snapshots.byId.load(snapshotUuid), 'snapshot', region);
  if (volumeUuid !== undefined) return sizeOf(await loaders.volumes.byId.load(volumeUuid), 'source volume', region);
  throw badArgument(['input', 'size'], 'is needed unless the volume is made from a snapshot or volume.');
}

function sizeOf(source: { size: number | null } | null, noun: string, region: Region): number {
  const { enumName } = region;
  if (!source) throw codedError('NOT_FOUND', `There is no such ${noun} in region ${enumName}.`, { region: enumName });
  if (source.size === null)
    throw badArgument(['input', 'size'], `is needed, because the ${noun} does not tell its size.`);
  return source.size;
}
