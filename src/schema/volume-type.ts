import type { ListIdentity } from '../aggregation/cursor.ts';
import { sliceRows } from '../aggregation/list.ts';
import { totalOrder } from '../aggregation/order.ts';
import type { VolumeType } from '../block-storage/volume-type.ts';
import { builder } from './builder.ts';
import { pageArgs, readPageArgs, toConnection } from './connection.ts';
import { readId } from './global-id.ts';
import { RegionRef, VolumeTypeRef } from './ref.ts';
import { RegionCode } from './region.ts';

builder.node(VolumeTypeRef, {
  description: 'A kind of block storage that volumes can be made of.',
  id: { resolve: ({ region, uuid }) => `${region.code}:${uuid}` },
  fields: (t) => ({
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

const order = totalOrder([{ key: 'name', direction: 'asc' }]);
const keysOf = ({ name, uuid }: VolumeType) => [name, uuid];

builder.objectFields(RegionRef, (t) => ({
  volumeTypes: t.field({
    type: VolumeTypeConnection,
    description: 'The volume types of the region, by name.',
    args: pageArgs,
    resolve: async (region, args, context) => {
      const tenants = [context.client(region).tenant];
      const list: ListIdentity = { kind: 'volumeTypes', tenants, regions: [region.code], order };
      const wanted = readPageArgs(list, args);
      const types = await context.loaders(region).volumeTypes();
      return toConnection(list, wanted, sliceRows(types, order, keysOf, wanted), keysOf);
    },
  }),
  volumeType: t.field({
    type: VolumeTypeRef,
    description: 'One volume type of the region; null when there is none.',
    args: { id: t.arg.id({ required: true, description: 'Global identifier, or the UUID.' }) },
    resolve: (region, { id }, context) => {
      const { uuid } = readId(context, 'VolumeType', { name: 'id', id, region: region.code });
      return context.loaders(region).volumeTypeById(uuid);
    },
  }),
}));

builder.queryField('volumeType', (t) =>
  t.field({
    type: VolumeTypeRef,
    description: 'One volume type; null when there is none.',
    args: {
      id: t.arg.id({ required: true, description: 'Global identifier, or a UUID together with `region`.' }),
      region: t.arg({ type: RegionCode, description: 'Needed with a UUID only.' }),
    },
    resolve: (_root, args, context) => {
      const { region, uuid } = readId(context, 'VolumeType', { name: 'id', id: args.id, region: args.region });
      return context.loaders(region).volumeTypeById(uuid);
    },
  }),
);
