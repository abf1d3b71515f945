import { createServer } from 'node:http';
import { createGatewayRuntime } from '@graphql-hive/gateway-runtime';
import { defineConfig, getComposedSchemaFromConfig } from '@graphql-mesh/compose-cli';
import { DefaultLogger } from '@graphql-mesh/utils';
import { loadJSONSchemaSubgraph } from '@omnigraph/json-schema';
import type { GraphQLResolveInfo } from 'graphql';
import type { JSONSchemaObject } from 'json-machete';
import { type RegionCode, regionCodes, type WireSnapshot, type WireType, type WireVolume } from './wire.ts';

/*
 * Hive Gateway over Mesh: each region is a subgraph of REST calls, described as Mesh wants it and composed when this
 * starts. Resolvers beside them join rows to what hangs on them, in batches.
 */

const text: JSONSchemaObject = { type: 'string' };
const whole: JSONSchemaObject = { type: 'integer' };
const list = (items: JSONSchemaObject): JSONSchemaObject => ({ type: 'array', items });
const object = (title: string, properties: Schemas): JSONSchemaObject => ({ type: 'object', title, properties });
type Schemas = Record<string, JSONSchemaObject>;

type Call = 'readVolume' | 'readVolumes' | 'readTypes' | 'readSnapshots';

const volume = object('Volume', {
  id: text,
  name: text,
  description: text,
  status: text,
  size: whole,
  availability_zone: text,
  bootable: text,
  encrypted: { type: 'boolean' },
  metadata: { type: 'object', title: 'Metadata', additionalProperties: true },
  created_at: text,
  volume_type: text,
  attachments: list(object('Attachment', { device: text, server_id: text })),
});

const calls: Record<Call, { readonly path: string; readonly args: Schemas; readonly answer: Schemas }> = {
  readVolume: { path: '/volumes/{args.id}', args: { id: text }, answer: { volume } },
  readVolumes: {
    path: '/volumes/detail',
    args: { sort: text, limit: whole, offset: whole },
    answer: { volumes: list(volume) },
  },
  readTypes: { path: '/types', args: {}, answer: { volume_types: list(object('VolumeType', { name: text })) } },
  readSnapshots: {
    path: '/snapshots/detail',
    args: { sort: text, limit: whole },
    answer: {
      snapshots: list(object('Snapshot', { volume_id: text, name: text, status: text, size: whole })),
    },
  },
};

const subgraphOf = (region: string) =>
  loadJSONSchemaSubgraph(region, {
    endpoint: `${process.env.UPSTREAM}/${region}/v2`,
    operationHeaders: { 'x-auth-token': '{context.headers["x-auth-token"]}' },
    operations: Object.entries(calls).map(([field, { path, args, answer }]) => ({
      type: 'Query',
      field,
      method: 'GET',
      path: `/{context.headers["x-tenant-id"]}${path}`,
      argTypeMap: args,
      queryParamArgMap: Object.fromEntries(Object.keys(args).flatMap((name) => (name === 'id' ? [] : [[name, name]]))),
      responseSchema: object(`${field}Answer`, answer),
    })),
  });

const supergraph = await getComposedSchemaFromConfig(
  defineConfig({ subgraphs: regionCodes.map((code) => ({ sourceHandler: subgraphOf(code.toLowerCase()) })) }),
  new DefaultLogger(),
);

const typeDefs = `
  enum RegionCode { KR1 KR2 JP1 }
  extend type Query {
    region(code: RegionCode!): Region
    volume(id: ID!, region: RegionCode!): Volume
    volumes(first: Int = 50, regions: [RegionCode!]): VolumeConnection
  }
  type Region { code: RegionCode! volumes(first: Int = 50, offset: Int): VolumeConnection }
  type VolumeConnection { nodes: [Volume!] }
  extend type Volume {
    region: Region! uuid: ID! availabilityZone: String createdAt: String volumeType: VolumeType
    snapshots: SnapshotConnection
  }
  extend type Attachment { server: Server }
  type Server { uuid: ID! }
  type SnapshotConnection { nodes: [Snapshot!] }`;

/** What Mesh puts into the context for each subgraph. */
interface Subgraph {
  readonly Query: Readonly<Record<Call, (call: object) => Promise<never>>>;
}
type Context = Readonly<Record<string, Subgraph>>;
type Volume = WireVolume & { readonly region: { readonly code: RegionCode } };

/** A REST call of a region, by its name in `calls`. */
const call = (context: Context, code: RegionCode, name: Call) => {
  const subgraph = context[code.toLowerCase()];
  if (!subgraph) throw new Error(`no subgraph of ${code}`);
  return subgraph.Query[name];
};

const row = `{
  id name description status size availability_zone bootable encrypted metadata created_at volume_type
  attachments { device server_id }
}`;

async function listVolumes(
  code: RegionCode,
  { first, offset }: { first: number; offset?: number },
  context: Context,
  info: GraphQLResolveInfo,
) {
  const args = { sort: 'created_at:desc', limit: first, ...(offset ? { offset } : {}) };
  const read: (call: object) => Promise<{ volumes: WireVolume[] }> = call(context, code, 'readVolumes');
  const { volumes } = await read({ args, context, info, selectionSet: `{ volumes ${row} }` });
  return volumes.map((volume): Volume => ({ ...volume, region: { code } }));
}

const resolvers = {
  Query: {
    region: (_: unknown, { code }: { code: RegionCode }) => ({ code }),
    async volume(
      _: unknown,
      { id, region: code }: { id: string; region: RegionCode },
      context: Context,
      info: GraphQLResolveInfo,
    ): Promise<Volume> {
      const read: (call: object) => Promise<{ volume: WireVolume }> = call(context, code, 'readVolume');
      const { volume } = await read({ args: { id }, context, info, selectionSet: `{ volume ${row} }` });
      return { ...volume, region: { code } };
    },
    async volumes(
      _: unknown,
      { first, regions = regionCodes }: { first: number; regions?: readonly RegionCode[] },
      context: Context,
      info: GraphQLResolveInfo,
    ) {
      const lists = await Promise.all(regions.map((code) => listVolumes(code, { first }, context, info)));
      const byTime = (a: Volume, b: Volume) => (a.created_at < b.created_at ? 1 : a.created_at > b.created_at ? -1 : 0);
      return { nodes: lists.flat().sort(byTime).slice(0, first) };
    },
  },
  Region: {
    volumes: async (
      { code }: { code: RegionCode },
      args: { first: number; offset?: number },
      context: Context,
      info: GraphQLResolveInfo,
    ) => ({ nodes: await listVolumes(code, args, context, info) }),
  },
  Volume: {
    uuid: ({ id }: Volume) => id,
    availabilityZone: ({ availability_zone }: Volume) => availability_zone,
    createdAt: ({ created_at }: Volume) => created_at,
    volumeType: (volume: Volume, _: unknown, context: Context, info: GraphQLResolveInfo) =>
      call(
        context,
        volume.region.code,
        'readTypes',
      )({
        context,
        info,
        key: volume,
        argsFromKeys: () => ({}),
        selectionSet: '{ volume_types { name } }',
        valuesFromResults({ volume_types }: { volume_types: WireType[] }, volumes: Volume[]) {
          const types = new Map(volume_types.map((type) => [type.name, type]));
          return volumes.map(({ volume_type }) => types.get(volume_type ?? '') ?? null);
        },
      }),
    snapshots: (volume: Volume, _: unknown, context: Context, info: GraphQLResolveInfo) =>
      call(
        context,
        volume.region.code,
        'readSnapshots',
      )({
        context,
        info,
        key: volume,
        argsFromKeys: () => ({ sort: 'created_at:desc', limit: 1000 }),
        selectionSet: '{ snapshots { volume_id name status size } }',
        valuesFromResults(answer: { snapshots: WireSnapshot[] }, volumes: Volume[]) {
          const snapshots = Map.groupBy(answer.snapshots, ({ volume_id }) => volume_id);
          return volumes.map(({ id }) => ({ nodes: snapshots.get(id) ?? [] }));
        },
      }),
  },
  Attachment: { server: ({ server_id }: { server_id: string }) => ({ uuid: server_id }) },
};

const gateway = createGatewayRuntime({
  supergraph,
  additionalTypeDefs: typeDefs,
  additionalResolvers: resolvers,
  logging: false,
  landingPage: false,
  graphiql: false,
});
createServer((request, response) => void gateway(request, response)).listen(Number(process.env.PORT), '127.0.0.1');
