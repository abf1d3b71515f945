import type { ListIdentity } from '../aggregation/cursor.ts';
import { readRows } from '../aggregation/list.ts';
import type { KeyValue, Order } from '../aggregation/order.ts';
import type { Snapshot } from '../block-storage/snapshot.ts';
import type { Context } from '../context.ts';
import type { Region } from '../regions.ts';
import { builder } from './builder.ts';
import { offsetArg, type PageArgs, pageArgs, readPageArgs, toConnection } from './connection.ts';
import { readId } from './global-id.ts';
import { type OrderBy, OrderDirection, readOrder } from './order.ts';
import { prefetchForSnapshot, prefetchForSnapshots } from './prefetch.ts';
import { RegionRef, SnapshotRef } from './ref.ts';
import { RegionCode } from './region.ts';
import { type Selection, selectionOf } from './selection.ts';
import { SnapshotConnection } from './snapshot.ts';

const SnapshotOrderField = builder.enumType('SnapshotOrderField', {
  description: 'What snapshots can be ordered by.',
  // Snapshot lists are sorted by the columns behind the shown names (FACTS 22).
  values: {
    NAME: { value: 'display_name', description: 'By name, as the region collates.' },
    CREATED_AT: { value: 'created_at', description: 'By the time of creation.' },
    SIZE: { value: 'volume_size', description: 'By size.' },
    STATUS: { value: 'status', description: 'By the upstream’s word for the status.' },
  } as const,
});

const SnapshotOrder = builder.inputType('SnapshotOrder', {
  description: 'One key to order snapshots by; ties are broken by the next, at last by identifier.',
  fields: (t) => ({
    field: t.field({ type: SnapshotOrderField, required: true, description: 'What to order by.' }),
    direction: t.field({
      type: OrderDirection,
      required: true,
      defaultValue: 'asc',
      description: 'Which end comes first.',
    }),
  }),
});

builder.objectFields(RegionRef, (t) => ({
  snapshots: t.field({
    type: SnapshotConnection,
    description: 'The snapshots of the region, newest first unless ordered otherwise.',
    args: {
      ...pageArgs,
      ...offsetArg,
      orderBy: t.arg({ type: [SnapshotOrder], description: 'Keys to order by, the most important first.' }),
    },
    resolve: (region, args, context, info) =>
      readSnapshots(context, region, args, selectionOf(info, 'SnapshotConnection').nodes('Snapshot')),
  }),
  snapshot: t.field({
    type: SnapshotRef,
    description: 'One snapshot of the region; null when there is none.',
    args: { id: t.arg.id({ required: true, description: 'Global identifier, or the UUID.' }) },
    resolve: (region, { id }, context, info) => {
      const { uuid } = readId(context, 'Snapshot', { name: 'id', id, region: region.code });
      return readSnapshot(context, region, uuid, selectionOf(info, 'Snapshot'));
    },
  }),
}));

builder.queryField('snapshot', (t) =>
  t.field({
    type: SnapshotRef,
    description: 'One snapshot; null when there is none.',
    args: {
      id: t.arg.id({ required: true, description: 'Global identifier, or a UUID together with `region`.' }),
      region: t.arg({ type: RegionCode, description: 'Needed with a UUID only.' }),
    },
    resolve: (_root, args, context, info) => {
      const { region, uuid } = readId(context, 'Snapshot', { name: 'id', id: args.id, region: args.region });
      return readSnapshot(context, region, uuid, selectionOf(info, 'Snapshot'));
    },
  }),
);

/** One snapshot, and beside it what is selected of it. */
function readSnapshot(context: Context, region: Region, uuid: string, selection: Selection) {
  const loaders = context.loaders(region);
  const snapshot = loaders.snapshotById.load(uuid);
  prefetchForSnapshot(loaders, selection);
  return snapshot;
}

async function readSnapshots(context: Context, region: Region, args: PageArgs & OrderBy, selection: Selection) {
  const order = readOrder(args);
  const tenants = [context.client(region).tenant];
  const list: ListIdentity = { kind: 'snapshots', tenants, regions: [region.code], order };
  const wanted = readPageArgs(list, args);
  const loaders = context.loaders(region);
  const isDetailed = selection.fields.has('progress') || selection.fields.has('projectId');
  prefetchForSnapshots(loaders, selection, wanted.first);
  const read = isDetailed ? loaders.snapshotPage : loaders.snapshotShortPage;
  return toConnection(list, wanted, await readRows(read, order, wanted, region.code), keysOf(order));
}

function keysOf(order: Order) {
  return (snapshot: Snapshot): KeyValue[] => order.map(({ key }) => sortKeys[key]?.(snapshot) ?? null);
}

const sortKeys: Record<string, ((snapshot: Snapshot) => KeyValue) | undefined> = {
  display_name: ({ name }) => name,
  created_at: ({ createdAt }) => createdAt,
  volume_size: ({ size }) => size,
  status: ({ status }) => status,
  id: ({ uuid }) => uuid,
};
