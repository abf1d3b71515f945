import { createSnapshot, deleteSnapshot, type Snapshot } from '../block-storage/snapshot.ts';
import { builder } from './builder.ts';
import { type Deleted, type Deletion, deleteMany } from './delete-many.ts';
import { encodeGlobalId, maxIds, readId } from './global-id.ts';
import { trimmedText } from './input.ts';
import { OperationErrorRef } from './operation-error.ts';
import { SnapshotRef } from './ref.ts';
import { RegionCode } from './region.ts';
import { snapshotNode } from './snapshot.ts';
import { volumeNode } from './volume.ts';

const CreateSnapshotInput = builder.inputType('CreateSnapshotInput', {
  description: 'What to take a snapshot of.',
  fields: (t) => ({
    volumeId: t.id({ required: true, description: 'Global identifier, or a UUID together with `region`.' }),
    region: t.field({ type: RegionCode, description: 'Needed with a UUID only.' }),
    name: t.string({ validate: trimmedText, description: 'At most 255 characters.' }),
    description: t.string({ validate: trimmedText, description: 'Free text, at most 255 characters.' }),
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

const DeleteSnapshotPayload = builder.objectRef<Deleted>('DeleteSnapshotPayload').implement({
  description: 'Result of `deleteSnapshot`. The upstream deletes after its answer.',
  fields: (t) => ({
    deletedSnapshotId: t.id({
      nullable: false,
      description: 'Global identifier of the snapshot that is being deleted.',
      resolve: ({ region, uuid }) => encodeGlobalId(snapshotNode, region, uuid),
    }),
    snapshot: t.field({
      type: SnapshotRef,
      description: 'The snapshot as it is now, usually `DELETING`; null if it is already gone.',
      resolve: ({ region, uuid }, _args, context) => context.loaders(region).snapshotById.load(uuid),
    }),
  }),
});

const DeleteSnapshotsInput = builder.inputType('DeleteSnapshotsInput', {
  description: 'What to delete.',
  fields: (t) => ({
    ids: t.idList({
      required: true,
      description: `${maxIds} at most. Global identifiers, or UUIDs together with \`region\`.`,
    }),
    region: t.field({ type: RegionCode, description: 'Needed with UUIDs only.' }),
  }),
});

const DeleteSnapshotResult = builder.objectRef<Deletion>('DeleteSnapshotResult').implement({
  description: 'What came of one deletion of several.',
  fields: (t) => ({
    givenId: t.exposeID('givenId', { nullable: false, description: 'The identifier as it was given.' }),
    deletedSnapshotId: t.id({
      nullable: true,
      description: 'Global identifier of the snapshot that is being deleted; null where it failed.',
      resolve: ({ deleted }) => deleted && encodeGlobalId(snapshotNode, deleted.region, deleted.uuid),
    }),
    snapshot: t.field({
      type: SnapshotRef,
      description: 'The snapshot as it is now, usually `DELETING`; null if it is already gone or its deletion failed.',
      resolve: ({ deleted }, _args, context) =>
        deleted && context.loaders(deleted.region).snapshotById.load(deleted.uuid),
    }),
    error: t.expose('error', { type: OperationErrorRef, description: 'Why it failed.' }),
  }),
});

const DeleteSnapshotsPayload = builder.objectRef<readonly Deletion[]>('DeleteSnapshotsPayload').implement({
  description: 'Result of `deleteSnapshots`.',
  fields: (t) => ({
    results: t.field({
      type: [DeleteSnapshotResult],
      nullable: false,
      description: 'One for each identifier, in their order.',
      resolve: (deletions) => deletions,
    }),
  }),
});

builder.mutationFields((t) => ({
  createSnapshot: t.field({
    type: CreateSnapshotPayload,
    description: 'Takes a snapshot of a volume. Watch its `status` until it is `AVAILABLE`.',
    args: { input: t.arg({ type: CreateSnapshotInput, required: true, description: 'What to take it of.' }) },
    resolve: async (_root, { input }, context) => {
      const { region, uuid } = readId(context, volumeNode, {
        path: ['input', 'volumeId'],
        id: input.volumeId,
        region: input.region,
      });
      const body = {
        volumeUuid: uuid,
        name: input.name ?? undefined,
        description: input.description ?? undefined,
        force: input.force ?? undefined,
      };
      const snapshot = await context.write(region, (client) => createSnapshot(client, body), {
        verb: 'create',
        object: 'snapshot',
        source: uuid,
        uuidOf: (made) => made.uuid,
      });
      return { snapshot };
    },
  }),
  deleteSnapshot: t.field({
    type: DeleteSnapshotPayload,
    description: 'Deletes a snapshot.',
    args: { input: t.arg({ type: DeleteSnapshotInput, required: true, description: 'What to delete.' }) },
    resolve: async (_root, { input }, context) => {
      const snapshot = readId(context, snapshotNode, { path: ['input', 'id'], id: input.id, region: input.region });
      await context.write(snapshot.region, (client) => deleteSnapshot(client, snapshot.uuid), {
        verb: 'delete',
        object: 'snapshot',
        uuid: snapshot.uuid,
      });
      return snapshot;
    },
  }),
  deleteSnapshots: t.field({
    type: DeleteSnapshotsPayload,
    description: 'Deletes many snapshots, each for itself: one that fails stops no other.',
    args: { input: t.arg({ type: DeleteSnapshotsInput, required: true, description: 'What to delete.' }) },
    resolve: (_root, { input }, context) => deleteMany(context, snapshotNode, 'snapshot', input, deleteSnapshot),
  }),
}));
