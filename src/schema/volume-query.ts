import type { ListIdentity } from '../aggregation/cursor.ts';
import { readRows } from '../aggregation/list.ts';
import type { KeyValue, Order } from '../aggregation/order.ts';
import type { Volume } from '../block-storage/volume.ts';
import type { Context } from '../context.ts';
import type { Region } from '../regions.ts';
import { builder } from './builder.ts';
import { offsetArg, type PageArgs, pageArgs, readPageArgs, toConnection } from './connection.ts';
import { readId } from './global-id.ts';
import { type OrderBy, OrderDirection, readOrder } from './order.ts';
import { prefetchForVolume, prefetchForVolumes } from './prefetch.ts';
import { RegionRef, VolumeRef } from './ref.ts';
import { RegionCode } from './region.ts';
import { type Selection, selectionOf } from './selection.ts';

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

builder.objectFields(RegionRef, (t) => ({
  volumes: t.field({
    type: VolumeConnection,
    description: 'The volumes of the region, newest first unless ordered otherwise.',
    args: {
      ...pageArgs,
      ...offsetArg,
      orderBy: t.arg({ type: [VolumeOrder], description: 'Keys to order by, the most important first.' }),
    },
    resolve: (region, args, context, info) =>
      readVolumes(context, region, args, selectionOf(info, 'VolumeConnection').nodes('Volume')),
  }),
  volume: t.field({
    type: VolumeRef,
    description: 'One volume of the region; null when there is none.',
    args: { id: t.arg.id({ required: true, description: 'Global identifier, or the UUID.' }) },
    resolve: (region, { id }, context, info) => {
      const { uuid } = readId(context, 'Volume', { name: 'id', id, region: region.code });
      return readVolume(context, region, uuid, selectionOf(info, 'Volume'));
    },
  }),
}));

builder.queryField('volume', (t) =>
  t.field({
    type: VolumeRef,
    description: 'One volume; null when there is none.',
    args: {
      id: t.arg.id({ required: true, description: 'Global identifier, or a UUID together with `region`.' }),
      region: t.arg({ type: RegionCode, description: 'Needed with a UUID only.' }),
    },
    resolve: (_root, args, context, info) => {
      const { region, uuid } = readId(context, 'Volume', { name: 'id', id: args.id, region: args.region });
      return readVolume(context, region, uuid, selectionOf(info, 'Volume'));
    },
  }),
);

/** One volume, and beside it what is selected of it. */
function readVolume(context: Context, region: Region, uuid: string, selection: Selection) {
  const loaders = context.loaders(region);
  prefetchForVolume(loaders, uuid, selection);
  return loaders.volumeById.load(uuid);
}

async function readVolumes(context: Context, region: Region, args: PageArgs & OrderBy, selection: Selection) {
  const order = readOrder(args);
  const tenants = [context.client(region).tenant];
  const list: ListIdentity = { kind: 'volumes', tenants, regions: [region.code], order };
  const wanted = readPageArgs(list, args);
  const loaders = context.loaders(region);
  const isShort = selection.fields.isSubsetOf(shortFields);
  prefetchForVolumes(loaders, selection);
  const read = isShort ? loaders.volumeShortPage : loaders.volumePage;
  return toConnection(list, wanted, await readRows(read, order, wanted, region.code), keysOf(order));
}

/** What the short list of volumes has (guide, "List Block Storage"). */
const shortFields = new Set(['__typename', 'id', 'uuid', 'name', 'region', 'links']);

function keysOf(order: Order) {
  return (volume: Volume): KeyValue[] => order.map(({ key }) => sortKeys[key]?.(volume) ?? null);
}

const sortKeys: Record<string, ((volume: Volume) => KeyValue) | undefined> = {
  name: ({ name }) => name,
  created_at: ({ createdAt }) => createdAt,
  size: ({ size }) => size,
  status: ({ status }) => status,
  availability_zone: ({ availabilityZone }) => availabilityZone,
  id: ({ uuid }) => uuid,
};
