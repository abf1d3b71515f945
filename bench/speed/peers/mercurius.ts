import { fastify } from 'fastify';
import { type MercuriusContext, mercurius } from 'mercurius';
import { Pool } from 'undici';
import {
  mergeNewest,
  type RegionCode,
  regionCodes,
  scalars,
  toSnapshot,
  toVolume,
  typeDefs,
  type Volume,
  type WireSnapshot,
  type WireType,
  type WireVolume,
} from './wire.ts';

/*
 * Fastify and Mercurius with loaders and compiled queries, over undici's pool.
 */

declare module 'mercurius' {
  interface MercuriusContext {
    token: string;
    tenant: string;
  }
}

const upstream = process.env.UPSTREAM ?? '';
const pool = new Pool(upstream, { pipelining: 1 });

async function get<Body>({ token, tenant }: MercuriusContext, region: RegionCode, path: string): Promise<Body> {
  const { statusCode, body } = await pool.request({
    method: 'GET',
    path: `/${region.toLowerCase()}/v2/${tenant}${path}`,
    headers: { accept: 'application/json', 'x-auth-token': token },
  });
  // The upstream's answers have the shape that the guide gives them.
  const json = (await body.json()) as Body;
  if (statusCode !== 200) throw new Error(`${path}: status ${statusCode}`);
  return json;
}

async function listVolumes(context: MercuriusContext, region: RegionCode, limit: number, offset?: number) {
  const query = new URLSearchParams({ sort: 'created_at:desc', limit: String(limit) });
  if (offset) query.set('offset', String(offset));
  const { volumes } = await get<{ volumes: WireVolume[] }>(context, region, `/volumes/detail?${query.toString()}`);
  return volumes.map((wire) => toVolume(region, wire));
}

const resolvers = {
  ...scalars,
  Query: {
    region: (_: unknown, { code }: { code: RegionCode }) => ({ code }),
    async volume(_: unknown, { id, region }: { id: string; region: RegionCode }, context: MercuriusContext) {
      const path = `/volumes/${encodeURIComponent(id)}`;
      return toVolume(region, (await get<{ volume: WireVolume }>(context, region, path)).volume);
    },
    async volumes(
      _: unknown,
      { first, regions = regionCodes }: { first: number; regions?: readonly RegionCode[] },
      context: MercuriusContext,
    ) {
      const lists = await Promise.all(regions.map((region) => listVolumes(context, region, first)));
      return { nodes: mergeNewest(lists, first) };
    },
  },
  Region: {
    async volumes(
      { code }: { code: RegionCode },
      { first, offset }: { first: number; offset?: number },
      context: MercuriusContext,
    ) {
      return { nodes: await listVolumes(context, code, first, offset) };
    },
  },
};

type Asked = readonly { readonly obj: Volume }[];

/** Reads something once of each region that the volumes are of. */
async function ofEachRegion<Value>(asked: Asked, read: (region: RegionCode) => Promise<Value>) {
  const regions = [...new Set(asked.map(({ obj }) => obj.region.code))];
  return new Map(await Promise.all(regions.map(async (region) => [region, await read(region)] as const)));
}

const loaders = {
  Volume: {
    async volumeType(asked: Asked, context: MercuriusContext) {
      const types = await ofEachRegion(asked, async (region) => {
        const { volume_types } = await get<{ volume_types: WireType[] }>(context, region, '/types');
        return new Map(volume_types.map((type) => [type.name, type]));
      });
      return asked.map(({ obj }) => types.get(obj.region.code)?.get(obj.volumeTypeName ?? '') ?? null);
    },
    async snapshots(asked: Asked, context: MercuriusContext) {
      const snapshots = await ofEachRegion(asked, async (region) => {
        const path = '/snapshots/detail?sort=created_at%3Adesc&limit=1000';
        const answer = await get<{ snapshots: WireSnapshot[] }>(context, region, path);
        return Map.groupBy(answer.snapshots, ({ volume_id }) => volume_id);
      });
      return asked.map(({ obj }) => ({
        nodes: snapshots.get(obj.region.code)?.get(obj.uuid)?.map(toSnapshot) ?? [],
      }));
    },
  },
};

const app = fastify();
app.register(mercurius, {
  schema: typeDefs,
  resolvers,
  loaders,
  jit: 1,
  context: ({ headers }) => ({ token: String(headers['x-auth-token']), tenant: String(headers['x-tenant-id']) }),
});
await app.listen({ port: Number(process.env.PORT), host: '127.0.0.1' });
