import type { GraphQLResolveInfo } from 'graphql';
import { type SnapshotFilter, snapshotMatcher } from '../aggregation/filter.ts';
import { listSource, rowsSource } from '../aggregation/source.ts';
import type { Snapshot } from '../block-storage/snapshot.ts';
import type { Context } from '../context.ts';
import { cost } from '../cost/field-cost.ts';
import { listOfRegion, listOfRegions, pageSize } from '../cost/figures.ts';
import { badArgument } from '../errors/coded-error.ts';
import type { Region } from '../regions.ts';
import { builder } from './builder.ts';
import { type PageArgs, pageArgs } from './connection.ts';
import { commonFilters } from './filter.ts';
import { readIdAnywhere } from './global-id.ts';
import { offsetArg, readList, readNamed, readRegions } from './list.ts';
import { addLookups } from './lookup.ts';
import { type OrderBy, orderInput, readOrder } from './order.ts';
import { prefetchForSnapshots } from './prefetch.ts';
import { RegionRef } from './ref.ts';
import { regionsArg } from './region.ts';
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

const SnapshotOrder = orderInput('SnapshotOrder', 'snapshots', SnapshotOrderField);

export const SnapshotFilterInput = builder.inputType('SnapshotFilter', {
  description:
    'Which snapshots are wanted: those that fulfil all members, of a list any entry. What a snapshot does not show never matches.',
  fields: (t) => ({
    ...commonFilters(t, SnapshotStatus),
    volumeId: t.id({ description: 'Of this volume: global identifier, or UUID.' }),
    createdAfter: t.field({ type: 'DateTime', description: 'Taken at this time or later.' }),
    createdBefore: t.field({ type: 'DateTime', description: 'Taken before this time.' }),
  }),
});

const snapshotArgs = builder.args((t) => ({
  orderBy: t.field({ type: [SnapshotOrder], description: 'Keys to order by, the most important first.' }),
  filter: t.field({ type: SnapshotFilterInput, description: 'Which snapshots are wanted; all if left out.' }),
}));

builder.objectField(RegionRef, 'snapshots', (t) =>
  t.field({
    type: SnapshotConnection,
    extensions: cost(listOfRegion),
    description: 'The snapshots of the region, newest first unless ordered otherwise.',
    args: { ...pageArgs, ...offsetArg, ...snapshotArgs },
    resolve: (region, args, context, info) => readSnapshots(context, [region], args, info),
  }),
);

builder.queryField('snapshots', (t) =>
  t.field({
    type: SnapshotConnection,
    extensions: cost(listOfRegions),
    description: 'The snapshots of several regions as one list, newest first unless ordered otherwise.',
    args: { ...regionsArg, ...pageArgs, ...offsetArg, ...snapshotArgs },
    resolve: (_root, args, context, info) => readSnapshots(context, readRegions(context, args.regions), args, info),
  }),
);

addLookups('snapshot', snapshotNode, 'snapshot');

type SnapshotFilterArg = (SnapshotFilter & { readonly volumeId?: string | null | undefined }) | null | undefined;
type SnapshotArgs = PageArgs & OrderBy & { readonly filter?: SnapshotFilterArg };

/** Reads a filter: the volume that it names, the regions in which a snapshot can match, and whether one does. */
export function readSnapshotFilter(context: Context, asked: readonly Region[], filter: SnapshotFilterArg) {
  const volume =
    filter?.volumeId == null ? null : readIdAnywhere(context, volumeNode, ['filter', 'volumeId'], filter.volumeId);
  const regions = volume?.region ? asked.filter((region) => region === volume.region) : asked;
  if (regions.length === 0) throw badArgument(['filter', 'volumeId'], 'names a volume of a region that is not asked.');
  return { regions, volume, matches: filter ? snapshotMatcher({ ...filter, volumeUuid: volume?.uuid }) : null };
}

/** A list of snapshots, and beside it what is selected of its rows. */
function readSnapshots(context: Context, asked: readonly Region[], args: SnapshotArgs, info: GraphQLResolveInfo) {
  const selection = selectionOf(info, 'SnapshotConnection');
  const order = readOrder(args);
  const { filter } = args;
  const { regions, volume, matches } = readSnapshotFilter(context, asked, filter);
  const nodes = selection.nodes('Snapshot');
  const isShort = nodes.fields.isSubsetOf(shortFields);
  const named = readNamed<Snapshot>(filter?.uuids);
  // Few snapshots or one volume are named: what they need is read singly.
  const count = named || volume ? 0 : (args.first ?? pageSize);
  return readList(context, {
    kind: 'snapshots',
    regions,
    order,
    filter,
    matches,
    args,
    info,
    isCounted: selection.fields.has('totalCount'),
    beside: (region) => prefetchForSnapshots(context.loaders(region), nodes, count),
    sourceOf: (region, steps) => {
      const loaders = context.loaders(region);
      const list = isShort ? loaders.snapshots.short(order) : loaders.snapshots.detailed(order);
      if (named) return rowsSource(region, list, () => named(loaders.snapshots.byId));
      return listSource(region, list, { ...steps, volumeId: volume?.uuid });
    },
  });
}

/** What the short list of snapshots has (guide, "List Snapshots"): all but `progress` and `projectId`. */
const shortFields = new Set([
  '__typename',
  'id',
  'uuid',
  'region',
  'name',
  'description',
  'status',
  'statusText',
  'size',
  'createdAt',
  'metadata',
  'volumeUuid',
  'volume',
]);
