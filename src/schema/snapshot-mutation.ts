import { createSnapshot, deleteSnapshot, type Snapshot } from '../block-storage/snapshot.ts';
import type { Region } from '../regions.ts';
import { builder } from './builder.ts';
import { readId } from './global-id.ts';
import { nameText } from './input.ts';
import { SnapshotRef } from './ref.ts';
import { RegionCode } from './region.ts';

const CreateSnapshotInput = builder.inputType('CreateSnapshotInput', {
  description: 'What to take a snapshot of.',
  fields: (t) => ({
    volumeId: t.id({ required: true, description: 'Global identifier, or a UUID together with `region`.' }),
    region: t.field({ type: RegionCode, description: 'Needed with a UUID only.' }),
    name: t.string({ validate: nameText, description: 'At most 255 characters.' }),
    description: t.string({ description: 'Free text.' }),
    force: t.boolean({ description: 'Also while the volume is attached.' }),
  }),
});

const DeleteSnapshotInput = builder.inputType('DeleteSnapshotInput', {
  description: 'What to delete.',
  fields: (t) => ({
    id: t.id({ required: true, description: 'Global identifier, or a UUID together with `region`.' }),
    region: t.field({ type: RegionCode, description: 'Needed with a UUID only.' }),
  }),
});

const CreateSnapshotPayload = builder.objectRef<{ readonly snapshot: Snapshot }>('CreateSnapshotPayload').implement({
  description: 'Result of `createSnapshot`.',
  fields: (t) => ({
    snapshot: t.expose('snapshot', { type: SnapshotRef, description: 'The new snapshot, `CREATING` as a rule.' }),
  }),
});

const DeleteSnapshotPayload = builder
  .objectRef<{ readonly region: Region; readonly uuid: string }>('DeleteSnapshotPayload')
  .implement({
    description: 'Result of `deleteSnapshot`. The upstream deletes after its answer.',
    fields: (t) => ({
      deletedSnapshotId: t.globalID({
        nullable: false,
        description: 'Global identifier of the snapshot that is being deleted.',
        resolve: ({ region, uuid }) => ({ type: SnapshotRef, id: `${region.code}:${uuid}` }),
      }),
      snapshot: t.field({
        type: SnapshotRef,
        description: 'The snapshot as it is now, `DELETING` as a rule; null when it is gone already.',
        resolve: ({ region, uuid }, _args, context) => context.loaders(region).snapshotById.load(uuid),
      }),
    }),
  });

builder.mutationFields((t) => ({
  createSnapshot: t.field({
    type: CreateSnapshotPayload,
    description: 'Takes a snapshot of a volume. Watch its `status` until it is `AVAILABLE`.',
    args: { input: t.arg({ type: CreateSnapshotInput, required: true, description: 'What to take it of.' }) },
    resolve: async (_root, { input }, context) => {
      const { region, uuid } = readId(context, 'Volume', {
        name: 'volumeId',
        id: input.volumeId,
        region: input.region,
      });
      const body = {
        volumeUuid: uuid,
        name: input.name ?? undefined,
        description: input.description ?? undefined,
        force: input.force ?? undefined,
      };
      return { snapshot: await context.write(region, (client) => createSnapshot(client, body)) };
    },
  }),
  deleteSnapshot: t.field({
    type: DeleteSnapshotPayload,
    description: 'Deletes a snapshot.',
    args: { input: t.arg({ type: DeleteSnapshotInput, required: true, description: 'What to delete.' }) },
    resolve: async (_root, { input }, context) => {
      const snapshot = readId(context, 'Snapshot', { name: 'id', id: input.id, region: input.region });
      await context.write(snapshot.region, (client) => deleteSnapshot(client, snapshot.uuid));
      return snapshot;
    },
  }),
}));
