import type { GraphQLResolveInfo } from 'graphql';
import { type VolumeFilter, volumeMatcher } from '../aggregation/filter.ts';
import { listSource, rowsSource } from '../aggregation/source.ts';
import type { Volume } from '../block-storage/volume.ts';
import type { Context } from '../context.ts';
import { cost } from '../cost/field-cost.ts';
import { listOfRegion, listOfRegions } from '../cost/figures.ts';
import type { Region } from '../regions.ts';
import { builder } from './builder.ts';
import { type PageArgs, pageArgs } from './connection.ts';
import { commonFilters } from './filter.ts';
import { filterTexts } from './input.ts';
import { offsetArg, readList, readNamed, readRegions } from './list.ts';
import { addLookups } from './lookup.ts';
import { type OrderBy, orderInput, readOrder } from './order.ts';
import { prefetchForVolumes } from './prefetch.ts';
import { RegionRef, VolumeRef } from './ref.ts';
import { regionsArg } from './region.ts';
import { selectionOf } from './selection.ts';
import { VolumeStatus, volumeNode } from './volume.ts';

const VolumeConnection = builder.connectionObject(
  { type: VolumeRef, name: 'VolumeConnection', description: 'Part of a list of volumes.' },
  { name: 'VolumeEdge', description: 'A volume and its cursor.' },
);

const VolumeOrderField = builder.enumType('VolumeOrderField', {
  description: 'What volumes can be ordered by.',
  values: {
    NAME: { value: 'name', description: 'By name, as the region collates.' },
    CREATED_AT: { value: 'created_at', description: 'By the time of creation.' },
    SIZE: { value: 'size', description: 'By size.' },
    STATUS: { value: 'status', description: 'By the upstream’s word for the status.' },
    AVAILABILITY_ZONE: { value: 'availability_zone', description: 'By availability zone.' },
  } as const,
});

const VolumeOrder = orderInput('VolumeOrder', 'volumes', VolumeOrderField);

export const VolumeFilterInput = builder.inputType('VolumeFilter', {
  description:
    'Which volumes are wanted: those that fulfil all members, of a list any entry. What a volume does not show never matches.',
  fields: (t) => ({
    ...commonFilters(t, VolumeStatus),
    volumeType: t.stringList({ description: 'Of a type with one of these names.', validate: filterTexts }),
    availabilityZone: t.stringList({ description: 'In one of these availability zones.', validate: filterTexts }),
    bootable: t.boolean({ description: 'That a server can start from, or not.' }),
    encrypted: t.boolean({ description: 'Encrypted, or not.' }),
    attached: t.boolean({ description: 'Attached to a server, or not.' }),
    createdAfter: t.field({ type: 'DateTime', description: 'Created at this time or later.' }),
    createdBefore: t.field({ type: 'DateTime', description: 'Created before this time.' }),
  }),
});

const volumeArgs = builder.args((t) => ({
  orderBy: t.field({ type: [VolumeOrder], description: 'Keys to order by, the most important first.' }),
  filter: t.field({ type: VolumeFilterInput, description: 'Which volumes are wanted; all if left out.' }),
}));

builder.objectField(RegionRef, 'volumes', (t) =>
  t.field({
    type: VolumeConnection,
    extensions: cost(listOfRegion),
    description: 'The volumes of the region, newest first unless ordered otherwise.',
    args: { ...pageArgs, ...offsetArg, ...volumeArgs },
    resolve: (region, args, context, info) => readVolumes(context, [region], args, info),
  }),
);

builder.queryField('volumes', (t) =>
  t.field({
    type: VolumeConnection,
    extensions: cost(listOfRegions),
    description: 'The volumes of several regions as one list, newest first unless ordered otherwise.',
    args: { ...regionsArg, ...pageArgs, ...offsetArg, ...volumeArgs },
    resolve: (_root, args, context, info) => readVolumes(context, readRegions(context, args.regions), args, info),
  }),
);

addLookups('volume', volumeNode, 'volume');

type VolumeArgs = PageArgs & OrderBy & { readonly filter?: VolumeFilter | null | undefined };

/** A list of volumes, and beside it what is selected of its rows. */
function readVolumes(context: Context, regions: readonly Region[], args: VolumeArgs, info: GraphQLResolveInfo) {
  const selection = selectionOf(info, 'VolumeConnection');
  const order = readOrder(args);
  const { filter } = args;
  const nodes = selection.nodes('Volume');
  const isShort =
    nodes.fields.isSubsetOf(shortFields) &&
    Object.keys(filter ?? {}).every((member) => member === 'name' || member === 'nameContains') &&
    order.every(({ key }) => shortKeys.has(key) || (regions.length === 1 && key === 'created_at'));
  const named = readNamed<Volume>(filter?.uuids);
  return readList(context, {
    kind: 'volumes',
    regions,
    order,
    filter,
    matches: filter ? volumeMatcher(filter) : null,
    args,
    info,
    isCounted: selection.fields.has('totalCount'),
    beside: (region) => prefetchForVolumes(context.loaders(region), nodes),
    sourceOf: (region, steps) => {
      const loaders = context.loaders(region);
      const list = isShort ? loaders.volumes.short(order) : loaders.volumes.detailed(order);
      return named ? rowsSource(region, list, () => named(loaders.volumes.byId)) : listSource(region, list, steps);
    },
  });
}

/**
 * The sort keys that the short list shows. A time of creation cannot change, so rows of one region keep their places although
 * the list does not show it. Rows of several regions could not be compared by it.
 */
const shortKeys = new Set(['name', 'id']);

/** What the short list of volumes has (guide, "List Block Storage"). */
const shortFields = new Set(['__typename', 'id', 'uuid', 'name', 'region', 'links']);
