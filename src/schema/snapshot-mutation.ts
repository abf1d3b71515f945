import { createSnapshot, deleteSnapshot, type Snapshot } from '../block-storage/snapshot.ts';
import { cost } from '../cost/field-cost.ts';
import { builder } from './builder.ts';
import type { Deletable } from './delete-many.ts';
import { addDeletion, addDeletions } from './deletion.ts';
import { readId } from './global-id.ts';
import { trimmedText } from './input.ts';
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

const CreateSnapshotPayload = builder.objectRef<{ readonly snapshot: Snapshot }>('CreateSnapshotPayload').implement({
  description: 'Result of `createSnapshot`.',
  fields: (t) => ({
    snapshot: t.expose('snapshot', { type: SnapshotRef, description: 'The new snapshot, `CREATING` as a rule.' }),
  }),
});

builder.mutationField('createSnapshot', (t) =>
  t.field({
    type: CreateSnapshotPayload,
    extensions: cost({ calls: 1 }),
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
);

const deletable: Deletable = { type: snapshotNode, noun: 'snapshot', remove: deleteSnapshot };
addDeletion('deleteSnapshot', deletable, 'Deletes a snapshot.');
addDeletions('deleteSnapshots', deletable);
