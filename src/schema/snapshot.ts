import { newestFirst } from '../block-storage/order.ts';
import { snapshotStatuses } from '../block-storage/snapshot.ts';
import { cost } from '../cost/field-cost.ts';
import { byFirst, ofMany } from '../cost/figures.ts';
import { builder, idField } from './builder.ts';
import { pageArgs } from './connection.ts';
import { encodeGlobalId } from './global-id.ts';
import { readRows } from './list.ts';
import { registerNodeType } from './node-type.ts';
import { prefetchForSnapshot } from './prefetch.ts';
import { RegionRef, SnapshotRef, VolumeRef } from './ref.ts';
import { statusEnum } from './status.ts';

export const snapshotNode = registerNodeType(SnapshotRef, {
  uuids: 1,
  isEntity: true,
  load: (context, region, uuid) => context.loaders(region).snapshots.byId.load(uuid),
  prefetch: (context, region, selection) => prefetchForSnapshot(context.loaders(region), selection),
});

export const SnapshotStatus = statusEnum('SnapshotStatus', 'snapshot', snapshotStatuses);

builder.objectType(SnapshotRef, {
  description: 'A snapshot: the state of a volume at a moment, from which new volumes can be made.',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({ ...idField, resolve: ({ region, uuid }) => encodeGlobalId(snapshotNode, region, uuid) }),
    uuid: t.expose('uuid', { type: 'UUID', nullable: false, description: 'The upstream’s identifier.' }),
    region: t.expose('region', { type: RegionRef, nullable: false, description: 'Where the snapshot is.' }),
    name: t.exposeString('name', { description: 'Chosen by the user; need not be unique, may be null.' }),
    description: t.exposeString('description', { description: 'Free text.' }),
    status: t.field({
      type: SnapshotStatus.ref,
      nullable: false,
      description: 'What the snapshot is doing; `UNKNOWN` for a word this schema does not know.',
      resolve: ({ status }) => SnapshotStatus.read(status),
    }),
    statusText: t.exposeString('status', { description: 'The status in the upstream’s own word.' }),
    size: t.exposeInt('size', { description: 'Size of the volume it was taken from, in gigabytes.' }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the snapshot was taken.' }),
    metadata: t.expose('metadata', { type: 'JSONObject', description: 'Keys and values of the user’s.' }),
    progress: t.exposeString('progress', { description: 'How far the taking is, such as `100%`.' }),
    projectId: t.exposeString('projectId', { description: 'The tenant that owns the snapshot.' }),
    volumeUuid: t.expose('volumeUuid', { type: 'UUID', description: 'The volume it was taken from. Costs no call.' }),
    volume: t.field({
      type: VolumeRef,
      extensions: cost({ scans: ofMany }),
      description: 'The volume it was taken from.',
      resolve: ({ region, volumeUuid }, _args, context) =>
        volumeUuid === null ? null : context.loaders(region).volumes.byId.load(volumeUuid),
    }),
  }),
});

export const SnapshotConnection = builder.connectionObject(
  { type: SnapshotRef, name: 'SnapshotConnection', description: 'Part of a list of snapshots.' },
  { name: 'SnapshotEdge', description: 'A snapshot and its cursor.' },
);

builder.objectField(VolumeRef, 'snapshots', (t) =>
  t.field({
    type: SnapshotConnection,
    extensions: cost({ page: byFirst, scans: ofMany, totalScans: false }),
    description: 'The snapshots of the volume, newest first.',
    args: pageArgs,
    resolve({ region, uuid }, args, context) {
      const loaders = context.loaders(region);
      const list = loaders.snapshots.detailed(newestFirst);
      return readRows(context, { kind: `snapshots of ${uuid}`, region, list, args }, () => loaders.snapshots.of(uuid));
    },
  }),
);
