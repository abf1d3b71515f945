import { RESTDataSource } from '@apollo/datasource-rest';
import { ApolloServer } from '@apollo/server';
import { startStandaloneServer } from '@apollo/server/standalone';
import DataLoader from 'dataloader';
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
 * Apollo Server with a data source for each region and dataloaders, new for each request.
 */

class Storage extends RESTDataSource {
  override baseURL: string;
  readonly #region: RegionCode;
  readonly #token: string;

  constructor(region: RegionCode, token: string, tenant: string) {
    super();
    this.baseURL = `${process.env.UPSTREAM}/${region.toLowerCase()}/v2/${tenant}/`;
    this.#region = region;
    this.#token = token;
  }

  override willSendRequest(_path: string, request: { headers: Record<string, string> }) {
    request.headers['x-auth-token'] = this.#token;
  }

  async volume(id: string) {
    const { volume } = await this.get<{ volume: WireVolume }>(`volumes/${encodeURIComponent(id)}`);
    return toVolume(this.#region, volume);
  }

  async volumes(limit: number, offset?: number) {
    const params = { sort: 'created_at:desc', limit: String(limit), ...(offset ? { offset: String(offset) } : {}) };
    const { volumes } = await this.get<{ volumes: WireVolume[] }>('volumes/detail', { params });
    return volumes.map((wire) => toVolume(this.#region, wire));
  }

  readonly typeByName = new DataLoader<string, WireType | null>(async (names) => {
    const { volume_types } = await this.get<{ volume_types: WireType[] }>('types');
    const types = new Map(volume_types.map((type) => [type.name, type]));
    return names.map((name) => types.get(name) ?? null);
  });

  readonly snapshotsByVolume = new DataLoader<string, ReturnType<typeof toSnapshot>[]>(async (volumes) => {
    const params = { sort: 'created_at:desc', limit: '1000' };
    const answer = await this.get<{ snapshots: WireSnapshot[] }>('snapshots/detail', { params });
    const snapshots = Map.groupBy(answer.snapshots, ({ volume_id }) => volume_id);
    return volumes.map((volume) => snapshots.get(volume)?.map(toSnapshot) ?? []);
  });
}

interface Context {
  readonly storage: (region: RegionCode) => Storage;
}

const resolvers = {
  ...scalars,
  Query: {
    region: (_: unknown, { code }: { code: RegionCode }) => ({ code }),
    volume: (_: unknown, { id, region }: { id: string; region: RegionCode }, { storage }: Context) =>
      storage(region).volume(id),
    async volumes(
      _: unknown,
      { first, regions = regionCodes }: { first: number; regions?: readonly RegionCode[] },
      { storage }: Context,
    ) {
      const lists = await Promise.all(regions.map((region) => storage(region).volumes(first)));
      return { nodes: mergeNewest(lists, first) };
    },
  },
  Region: {
    async volumes(
      { code }: { code: RegionCode },
      { first, offset }: { first: number; offset?: number },
      { storage }: Context,
    ) {
      return { nodes: await storage(code).volumes(first, offset) };
    },
  },
  Volume: {
    volumeType: ({ region, volumeTypeName }: Volume, _: unknown, { storage }: Context) =>
      volumeTypeName === null ? null : storage(region.code).typeByName.load(volumeTypeName),
    snapshots: async ({ region, uuid }: Volume, _: unknown, { storage }: Context) => ({
      nodes: await storage(region.code).snapshotsByVolume.load(uuid),
    }),
  },
};

const server = new ApolloServer<Context>({ typeDefs, resolvers });
await startStandaloneServer(server, {
  listen: { port: Number(process.env.PORT), host: '127.0.0.1' },
  async context({ req: { headers } }) {
    const sources = new Map<RegionCode, Storage>();
    const storage = (region: RegionCode) => {
      const source =
        sources.get(region) ?? new Storage(region, String(headers['x-auth-token']), String(headers['x-tenant-id']));
      sources.set(region, source);
      return source;
    };
    return { storage };
  },
});
