import type { GraphQLResolveInfo } from 'graphql';
import { type VolumeFilter, volumeMatcher } from '../aggregation/filter.ts';
import { listSource, rowsSource } from '../aggregation/source.ts';
import type { Volume } from '../block-storage/volume.ts';
import type { Context } from '../context.ts';
import type { Region } from '../regions.ts';
import { builder } from './builder.ts';
import { type PageArgs, pageArgs } from './connection.ts';
import { readId } from './global-id.ts';
import { filterText, filterTexts, metadataObject } from './input.ts';
import { offsetArg, readList, readNamed, readRegions } from './list.ts';
import { loadSelected } from './node-type.ts';
import { type OrderBy, OrderDirection, readOrder } from './order.ts';
import { prefetchForVolumes } from './prefetch.ts';
import { RegionRef, VolumeRef } from './ref.ts';
import { RegionCode, regionsArg } from './region.ts';
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

const VolumeOrder = builder.inputType('VolumeOrder', {
  description: 'One key to order volumes by; ties are broken by the next, at last by identifier.',
  fields: (t) => ({
    field: t.field({ type: VolumeOrderField, required: true, description: 'What to order by.' }),
    direction: t.field({
      type: OrderDirection,
      required: true,
      defaultValue: 'asc',
      description: 'Which end comes first.',
    }),
  }),
});

const VolumeFilterInput = builder.inputType('VolumeFilter', {
  description:
    'Which volumes are wanted: those that fulfil all members, of a list any entry. What a volume does not show never matches.',
  fields: (t) => ({
    uuids: t.field({ type: ['UUID'], description: 'One of these, whatever its region.' }),
    status: t.field({ type: [VolumeStatus.ref], description: 'In one of these statuses.' }),
    name: t.string({ description: 'With exactly this name.', validate: filterText }),
    nameContains: t.string({ description: 'With this in its name, in upper or lower case.', validate: filterText }),
    volumeType: t.stringList({ description: 'Of a type with one of these names.', validate: filterTexts }),
    availabilityZone: t.stringList({ description: 'In one of these availability zones.', validate: filterTexts }),
    bootable: t.boolean({ description: 'That a server can start from, or not.' }),
    encrypted: t.boolean({ description: 'Encrypted, or not.' }),
    attached: t.boolean({ description: 'Attached to a server, or not.' }),
    sizeMin: t.int({ description: 'Of at least so many gigabytes.' }),
    sizeMax: t.int({ description: 'Of at most so many gigabytes.' }),
    createdAfter: t.field({ type: 'DateTime', description: 'Created at this time or later.' }),
    createdBefore: t.field({ type: 'DateTime', description: 'Created before this time.' }),
    metadata: t.field({
      type: 'JSONObject',
      description: 'With these keys and values among its metadata.',
      validate: metadataObject,
    }),
  }),
});

const volumeArgs = builder.args((t) => ({
  orderBy: t.field({ type: [VolumeOrder], description: 'Keys to order by, the most important first.' }),
  filter: t.field({ type: VolumeFilterInput, description: 'Which volumes are wanted; all if left out.' }),
}));

builder.objectFields(RegionRef, (t) => ({
  volumes: t.field({
    type: VolumeConnection,
    description: 'The volumes of the region, newest first unless ordered otherwise.',
    args: { ...pageArgs, ...offsetArg, ...volumeArgs },
    resolve: (region, args, context, info) => readVolumes(context, [region], args, info),
  }),
  volume: t.field({
    type: VolumeRef,
    description: 'One volume of the region; null when there is none.',
    args: { id: t.arg.id({ required: true, description: 'Global identifier, or the UUID.' }) },
    resolve: (region, { id }, context, info) => {
      const { uuid } = readId(context, volumeNode, { path: ['id'], id, region: region.code });
      return loadSelected(context, volumeNode, info, region, uuid);
    },
  }),
}));

builder.queryFields((t) => ({
  volumes: t.field({
    type: VolumeConnection,
    description: 'The volumes of several regions as one list, newest first unless ordered otherwise.',
    args: { ...regionsArg, ...pageArgs, ...offsetArg, ...volumeArgs },
    resolve: (_root, args, context, info) => readVolumes(context, readRegions(context, args.regions), args, info),
  }),
  volume: t.field({
    type: VolumeRef,
    description: 'One volume; null when there is none.',
    args: {
      id: t.arg.id({ required: true, description: 'Global identifier, or a UUID together with `region`.' }),
      region: t.arg({ type: RegionCode, description: 'Needed with a UUID only.' }),
    },
    resolve: (_root, args, context, info) => {
      const { region, uuid } = readId(context, volumeNode, { path: ['id'], id: args.id, region: args.region });
      return loadSelected(context, volumeNode, info, region, uuid);
    },
  }),
}));

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
      const list = isShort ? loaders.shortVolumes(order) : loaders.volumes(order);
      return named ? rowsSource(region, list, () => named(loaders.volumeById)) : listSource(region, list, steps);
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
