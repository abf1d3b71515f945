import type { GraphQLResolveInfo } from 'graphql';
import { listSource } from '../../src/aggregation/source.ts';
import { newestFirst } from '../../src/block-storage/order.ts';
import type { Context } from '../../src/context.ts';
import { cost } from '../../src/cost/field-cost.ts';
import { listOfRegion, listOfRegions, ofMany } from '../../src/cost/figures.ts';
import type { Region } from '../../src/regions.ts';
import { builder, idField } from '../../src/schema/builder.ts';
import { type PageArgs, pageArgs } from '../../src/schema/connection.ts';
import { addDeletion } from '../../src/schema/deletion.ts';
import { encodeGlobalId } from '../../src/schema/global-id.ts';
import { readList, readRegions } from '../../src/schema/list.ts';
import { addLookups } from '../../src/schema/lookup.ts';
import { registerNodeType } from '../../src/schema/node-type.ts';
import { RegionRef, VolumeRef } from '../../src/schema/ref.ts';
import { regionsArg } from '../../src/schema/region.ts';
import { selectionOf } from '../../src/schema/selection.ts';
import { statusEnum } from '../../src/schema/status.ts';
import { addSubscription } from '../../src/schema/subscription.ts';
import { type Backup, backupStatuses, deleteBackup, followableBackup } from './backup.ts';
import { createBackupLoaders } from './backup-loaders.ts';

const BackupRef = builder.objectRef<Backup>('Backup');

const backupNode = registerNodeType(BackupRef, {
  uuids: 1,
  isEntity: true,
  load: (context, region, uuid) => context.loadersOf(region, createBackupLoaders).byId.load(uuid),
});

const BackupStatus = statusEnum('BackupStatus', 'backup', backupStatuses);

builder.objectType(BackupRef, {
  description: 'A backup of a volume.',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({ ...idField, resolve: ({ region, uuid }) => encodeGlobalId(backupNode, region, uuid) }),
    uuid: t.expose('uuid', { type: 'UUID', nullable: false, description: 'The upstream’s identifier.' }),
    region: t.expose('region', { type: RegionRef, nullable: false, description: 'Where the backup is.' }),
    name: t.exposeString('name', { description: 'Chosen by the user.' }),
    status: t.field({
      type: BackupStatus.ref,
      nullable: false,
      description: 'What the backup is doing.',
      resolve: ({ status }) => BackupStatus.read(status),
    }),
    size: t.exposeInt('size', { description: 'In gigabytes.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the backup was made.' }),
    volume: t.field({
      type: VolumeRef,
      extensions: cost({ scans: ofMany }),
      description: 'The volume that was backed up; null when it is gone.',
      resolve: ({ region, volumeUuid }, _args, context) =>
        volumeUuid === null ? null : context.loaders(region).volumes.byId.load(volumeUuid),
    }),
  }),
});

const BackupConnection = builder.connectionObject(
  { type: BackupRef, name: 'BackupConnection', description: 'Part of a list of backups.' },
  { name: 'BackupEdge', description: 'A backup and its cursor.' },
);

builder.objectField(RegionRef, 'backups', (t) =>
  t.field({
    type: BackupConnection,
    extensions: cost(listOfRegion),
    description: 'The backups of the region, newest first.',
    args: pageArgs,
    resolve: (region, args, context, info) => readBackups(context, [region], args, info),
  }),
);

builder.queryField('backups', (t) =>
  t.field({
    type: BackupConnection,
    extensions: cost(listOfRegions),
    description: 'The backups of several regions as one list, newest first.',
    args: { ...regionsArg, ...pageArgs },
    resolve: (_root, args, context, info) => readBackups(context, readRegions(context, args.regions), args, info),
  }),
);

addLookups('backup', backupNode, 'backup');
addDeletion('deleteBackup', { type: backupNode, noun: 'backup', remove: deleteBackup }, 'Deletes a backup.');
addSubscription('backupUpdated', backupNode, followableBackup, BackupStatus);

function readBackups(context: Context, regions: readonly Region[], args: PageArgs, info: GraphQLResolveInfo) {
  return readList<Backup>(context, {
    kind: 'backups',
    regions,
    order: newestFirst,
    args,
    info,
    isCounted: selectionOf(info, 'BackupConnection').fields.has('totalCount'),
    sourceOf: (region, steps) =>
      listSource(region, context.loadersOf(region, createBackupLoaders).detailed(newestFirst), steps),
  });
}
