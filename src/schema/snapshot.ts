import type { ListIdentity } from '../aggregation/cursor.ts';
import { sliceRows } from '../aggregation/list.ts';
import { newestFirst, totalOrder } from '../aggregation/order.ts';
import { type Snapshot, snapshotStatuses } from '../block-storage/snapshot.ts';
import { builder } from './builder.ts';
import { pageArgs, readPageArgs, toConnection } from './connection.ts';
import { RegionRef, SnapshotRef, VolumeRef } from './ref.ts';
import { statusEnum } from './status.ts';

const SnapshotStatus = statusEnum('SnapshotStatus', 'snapshot', snapshotStatuses);

builder.node(SnapshotRef, {
  description: 'A snapshot: the state of a volume at a moment, from which new volumes can be made.',
  id: { resolve: ({ region, uuid }) => `${region.code}:${uuid}` },
  fields: (t) => ({
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
      description: 'The volume it was taken from.',
      resolve: ({ region, volumeUuid }, _args, context) =>
        volumeUuid === null ? null : context.loaders(region).volumeById.load(volumeUuid),
    }),
  }),
});

export const SnapshotConnection = builder.connectionObject(
  { type: SnapshotRef, name: 'SnapshotConnection', description: 'Part of a list of snapshots.' },
  { name: 'SnapshotEdge', description: 'A snapshot and its cursor.' },
);

const order = totalOrder(newestFirst);
const keysOf = ({ createdAt, uuid }: Snapshot) => [createdAt, uuid];

builder.objectField(VolumeRef, 'snapshots', (t) =>
  t.field({
    type: SnapshotConnection,
    description: 'The snapshots of the volume, newest first.',
    args: pageArgs,
    resolve: async ({ region, uuid }, args, context) => {
      const tenants = [context.client(region).tenant];
      const list: ListIdentity = { kind: `snapshots of ${uuid}`, tenants, regions: [region.code], order };
      const wanted = readPageArgs(list, args);
      const snapshots = await context.loaders(region).snapshotsByVolumeId.load(uuid);
      return toConnection(list, wanted, sliceRows(snapshots, order, keysOf, wanted), keysOf);
    },
  }),
);
