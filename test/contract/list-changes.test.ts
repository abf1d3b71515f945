import { afterAll, beforeAll, expect, test, vi } from 'vitest';
import { followVolumes } from '../graphql/list-changes.ts';
import { codes, data, gateway, peer, scratch, startOverPeer, stopOverPeer } from './gateway.ts';
import { PATIENCE } from './peer.ts';

/* Lists that are followed over the peer, where rows come and go beside the gateway. */

beforeAll(startOverPeer, 120_000);
afterAll(stopOverPeer, 120_000);

test.each(codes)(
  'in %s a volume that is made beside the gateway is added, and removed when it is deleted',
  async (code) => {
    const region = code.toUpperCase();
    const { token, tenant } = peer.alice;
    const name = `live-${code}`;
    await using followed = followVolumes(gateway, `(regions: [${region}], filter: { name: "${name}" })`, {
      headers: { 'x-auth-token': token, 'x-tenant-id': tenant },
    });
    await vi.waitFor(() => expect(followed.results).toHaveLength(1), PATIENCE);
    const uuid = await scratch.create('volume', { size: 1, name }, code);
    await vi.waitFor(() => expect(followed.changes().at(-1)).toMatch(/ AVAILABLE$/), PATIENCE);
    expect(followed.changes()[0]).toMatch(new RegExp(`^ADDED ${name} `));
    const { volume } = await data(`{ volume(id: "${uuid}", region: ${region}) { id } }`);
    expect(new Set(followed.events().flatMap(({ changes }) => changes.map(({ id }) => id)))).toEqual(
      new Set([volume.id]),
    );
    await scratch.remove(`volumes/${uuid}`, code);
    await vi.waitFor(() => expect(followed.changes().at(-1)).toBe('REMOVED'), PATIENCE);
  },
);
