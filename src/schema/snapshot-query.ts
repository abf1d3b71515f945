import type { GraphQLResolveInfo } from 'graphql';
import { type SnapshotFilter, snapshotMatcher } from '../aggregation/filter.ts';
import { listSource, rowsSource } from '../aggregation/source.ts';
import type { Snapshot } from '../block-storage/snapshot.ts';
import type { Context } from '../context.ts';
import { badArgument } from '../errors.ts';
import type { Region } from '../regions.ts';
import { builder } from './builder.ts';
import { type PageArgs, pageArgs, pageSize } from './connection.ts';
import { readId, readIdAnywhere } from './global-id.ts';
import { filterText, metadataObject } from './input.ts';
import { offsetArg, readList, readNamed, readRegions } from './list.ts';
import { loadSelected } from './node-type.ts';
import { type OrderBy, OrderDirection, readOrder } from './order.ts';
import { prefetchForSnapshots } from './prefetch.ts';
import { RegionRef, SnapshotRef } from './ref.ts';
import { RegionCode, regionsArg } from './region.ts';
import { selectionOf } from './selection.ts';
import { SnapshotConnection, SnapshotStatus, snapshotNode } from './snapshot.ts';
import { volumeNode } from './volume.ts';

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

const SnapshotFilterInput = builder.inputType('SnapshotFilter', {
  description:
    'Which snapshots are wanted: those that fulfil all members, of a list any entry. What a snapshot does not show never matches.',
  fields: (t) => ({
    uuids: t.field({ type: ['UUID'], description: 'One of these, whatever its region.' }),
    status: t.field({ type: [SnapshotStatus.ref], description: 'In one of these statuses.' }),
    name: t.string({ description: 'With exactly this name.', validate: filterText }),
    nameContains: t.string({ description: 'With this in its name, in upper or lower case.', validate: filterText }),
    volumeId: t.id({ description: 'Of this volume: global identifier, or UUID.' }),
    sizeMin: t.int({ description: 'Of at least so many gigabytes.' }),
    sizeMax: t.int({ description: 'Of at most so many gigabytes.' }),
    createdAfter: t.field({ type: 'DateTime', description: 'Taken at this time or later.' }),
    createdBefore: t.field({ type: 'DateTime', description: 'Taken before this time.' }),
    metadata: t.field({
      type: 'JSONObject',
      description: 'With these keys and values among its metadata.',
      validate: metadataObject,
    }),
  }),
});

const snapshotArgs = builder.args((t) => ({
  orderBy: t.field({ type: [SnapshotOrder], description: 'Keys to order by, the most important first.' }),
  filter: t.field({ type: SnapshotFilterInput, description: 'Which snapshots are wanted; all if left out.' }),
}));

builder.objectFields(RegionRef, (t) => ({
  snapshots: t.field({
    type: SnapshotConnection,
    description: 'The snapshots of the region, newest first unless ordered otherwise.',
    args: { ...pageArgs, ...offsetArg, ...snapshotArgs },
    resolve: (region, args, context, info) => readSnapshots(context, [region], args, info),
  }),
  snapshot: t.field({
    type: SnapshotRef,
    description: 'One snapshot of the region; null when there is none.',
    args: { id: t.arg.id({ required: true, description: 'Global identifier, or the UUID.' }) },
    resolve: (region, { id }, context, info) => {
      const { uuid } = readId(context, snapshotNode, { path: ['id'], id, region: region.code });
      return loadSelected(context, snapshotNode, info, region, uuid);
    },
  }),
}));

builder.queryFields((t) => ({
  snapshots: t.field({
    type: SnapshotConnection,
    description: 'The snapshots of several regions as one list, newest first unless ordered otherwise.',
    args: { ...regionsArg, ...pageArgs, ...offsetArg, ...snapshotArgs },
    resolve: (_root, args, context, info) => readSnapshots(context, readRegions(context, args.regions), args, info),
  }),
  snapshot: t.field({
    type: SnapshotRef,
    description: 'One snapshot; null when there is none.',
    args: {
      id: t.arg.id({ required: true, description: 'Global identifier, or a UUID together with `region`.' }),
      region: t.arg({ type: RegionCode, description: 'Needed with a UUID only.' }),
    },
    resolve: (_root, args, context, info) => {
      const { region, uuid } = readId(context, snapshotNode, { path: ['id'], id: args.id, region: args.region });
      return loadSelected(context, snapshotNode, info, region, uuid);
    },
  }),
}));

type SnapshotArgs = PageArgs &
  OrderBy & {
    readonly filter?: (SnapshotFilter & { readonly volumeId?: string | null | undefined }) | null | undefined;
  };

/** A list of snapshots, and beside it what is selected of its rows. */
function readSnapshots(context: Context, asked: readonly Region[], args: SnapshotArgs, info: GraphQLResolveInfo) {
  const selection = selectionOf(info, 'SnapshotConnection');
  const order = readOrder(args);
  const { filter } = args;
  const volume =
    filter?.volumeId == null ? null : readIdAnywhere(context, volumeNode, ['filter', 'volumeId'], filter.volumeId);
  const regions = volume?.region ? asked.filter((region) => region === volume.region) : asked;
  if (regions.length === 0) throw badArgument(['filter', 'volumeId'], 'names a volume of a region that is not asked.');
  const nodes = selection.nodes('Snapshot');
  const isDetailed = nodes.fields.has('progress') || nodes.fields.has('projectId');
  const named = readNamed<Snapshot>(filter?.uuids);
  // Few snapshots or one volume are named: what they need is read singly.
  const count = named || volume ? 0 : (args.first ?? pageSize);
  return readList(context, {
    kind: 'snapshots',
    regions,
    order,
    filter,
    matches: filter ? snapshotMatcher({ ...filter, volumeUuid: volume?.uuid }) : null,
    args,
    info,
    isCounted: selection.fields.has('totalCount'),
    beside: (region) => prefetchForSnapshots(context.loaders(region), nodes, count),
    sourceOf: (region, steps) => {
      const loaders = context.loaders(region);
      const list = isDetailed ? loaders.snapshots(order) : loaders.shortSnapshots(order);
      if (named) return rowsSource(region, list, () => named(loaders.snapshotById));
      return listSource(region, list, { ...steps, volumeId: volume?.uuid });
    },
  });
}
