import type { GraphQLResolveInfo } from 'graphql';
import { rowsSource } from '../aggregation/source.ts';
import { totalOrder } from '../block-storage/order.ts';
import type { VolumeType } from '../block-storage/volume-type.ts';
import type { Context } from '../context.ts';
import { cost } from '../cost/field-cost.ts';
import { byFirst, ofEachRegion } from '../cost/figures.ts';
import type { Region } from '../regions.ts';
import { builder, idField } from './builder.ts';
import { type PageArgs, pageArgs } from './connection.ts';
import { encodeGlobalId } from './global-id.ts';
import { readList, readRegions } from './list.ts';
import { addLookups } from './lookup.ts';
import { registerNodeType } from './node-type.ts';
import { RegionRef, VolumeTypeRef } from './ref.ts';
import { regionsArg } from './region.ts';
import { selectionOf } from './selection.ts';

const volumeTypeNode = registerNodeType(VolumeTypeRef, {
  uuids: 1,
  isEntity: true,
  load: (context, region, uuid) => context.loaders(region).volumeTypes.byId(uuid),
});

builder.objectType(VolumeTypeRef, {
  description: 'A kind of block storage that volumes can be made of.',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({ ...idField, resolve: ({ region, uuid }) => encodeGlobalId(volumeTypeNode, region, uuid) }),
    uuid: t.expose('uuid', { type: 'UUID', nullable: false, description: 'The upstream’s identifier.' }),
    region: t.expose('region', { type: RegionRef, nullable: false, description: 'Where the type is offered.' }),
    name: t.exposeString('name', { description: 'The name by which `createVolume` takes the type.' }),
    description: t.exposeString('description', { description: 'Free text.' }),
    isPublic: t.exposeBoolean('isPublic', { description: 'Whether every tenant may use the type.' }),
    extraSpecs: t.expose('extraSpecs', {
      type: 'JSONObject',
      description: 'What the backend needs to know. Null where the region does not show it to the tenant.',
    }),
  }),
});

const VolumeTypeConnection = builder.connectionObject(
  { type: VolumeTypeRef, name: 'VolumeTypeConnection', description: 'Part of the list of volume types.' },
  { name: 'VolumeTypeEdge', description: 'A volume type and its cursor.' },
);

builder.objectField(RegionRef, 'volumeTypes', (t) =>
  t.field({
    type: VolumeTypeConnection,
    extensions: cost({ calls: 1, page: byFirst, totalScans: false }),
    description: 'The volume types of the region, by name.',
    args: pageArgs,
    resolve: (region, args, context, info) => readVolumeTypes(context, [region], args, info),
  }),
);

builder.queryField('volumeTypes', (t) =>
  t.field({
    type: VolumeTypeConnection,
    extensions: cost({ calls: ofEachRegion, regions: ofEachRegion, page: byFirst, totalScans: false }),
    description: 'The volume types of several regions: region by region, by name.',
    args: { ...regionsArg, ...pageArgs },
    resolve: (_root, args, context, info) => readVolumeTypes(context, readRegions(context, args.regions), args, info),
  }),
);

addLookups('volumeType', volumeTypeNode, 'volume type');

function readVolumeTypes(context: Context, regions: readonly Region[], args: PageArgs, info: GraphQLResolveInfo) {
  return readList<VolumeType>(context, {
    kind: 'volumeTypes',
    regions,
    order: byName,
    // Region by region: rows of different ones are never compared.
    compared: [],
    args,
    info,
    isCounted: selectionOf(info, 'VolumeTypeConnection').fields.has('totalCount'),
    sourceOf: (region) =>
      rowsSource(
        region,
        { order: byName, keysOf: ({ name, uuid }) => [name, uuid] },
        context.loaders(region).volumeTypes.all,
      ),
  });
}

const byName = totalOrder([{ key: 'name', direction: 'asc' }]);
