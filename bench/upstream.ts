import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { setTimeout as delay } from 'node:timers/promises';
import { answerParent } from './process.ts';

/*
 * The volumes of one region, as many as the tenant is called after: `rows-100000` has 100,000. Rows are made when they
 * are asked for, always the same. `rows-100-wide-20000` has a description of 20,000 letters in each row, and
 * `rows-100-after-50` answers after 50 ms. A process of its own, which tells its endpoint.
 */

/** What the upstream has to do at the moment, and what was broken off since it started. */
export interface UpstreamState {
  readonly sockets: number;
  readonly requests: number;
  readonly aborted: number;
}

const statuses = ['available', 'in-use', 'available', 'in-use', 'error', 'creating', 'a-new-word'];
const types = ['General HDD', 'General SSD', 'Encrypted HDD', null];
/** Types and snapshots are asked for beside the volumes; there are none. */
const emptyLists = new Map([
  ['types', '{"volume_types": []}'],
  ['snapshots/detail', '{"snapshots": []}'],
  ['snapshots', '{"snapshots": []}'],
]);
const newest = Date.UTC(2026, 0, 1);

const uuidOf = (group: number, place: number) =>
  `${group.toString(16).padStart(8, '0')}-0000-4000-8000-${place.toString(16).padStart(12, '0')}`;

/** The volume at a place of the list, which is sorted newest first (guide, "List Block Storage Details"). */
function volumeAt(place: number, tenant: string, origin: string, description: string | null) {
  const id = uuidOf(1, place);
  const status = statuses[place % statuses.length];
  return {
    attachments:
      status === 'in-use'
        ? [{ server_id: uuidOf(2, place), attachment_id: uuidOf(3, place), volume_id: id, device: '/dev/vdb', id }]
        : [],
    links: [
      { href: `${origin}/v2/${tenant}/volumes/${id}`, rel: 'self' },
      { href: `${origin}/${tenant}/volumes/${id}`, rel: 'bookmark' },
    ],
    availability_zone: `kr-pub-${place % 2 ? 'a' : 'b'}`,
    encrypted: false,
    'os-volume-replication:extended_status': null,
    volume_type: types[place % types.length],
    snapshot_id: null,
    id,
    // 1 to 100, which is 50.5 on average.
    size: 1 + (place % 100),
    user_id: '5e6524d826084188ae549815b3e33380',
    'os-vol-tenant-attr:tenant_id': tenant,
    metadata: { place: String(place), owner: `team ${place % 17}` },
    status,
    description,
    multiattach: false,
    source_volid: null,
    consistencygroup_id: null,
    name: `volume-${id}`,
    bootable: 'false',
    created_at: new Date(newest - place * 1000).toISOString().replace('Z', '000'),
    'os-volume-replication:driver_data': null,
    replication_status: 'disabled',
  };
}

const open = { requests: 0, aborted: 0 };

async function answer(url: string, response: ServerResponse): Promise<void> {
  const { pathname, searchParams, origin } = new URL(url, 'http://bench');
  const [, , tenant = '', ...rest] = pathname.split('/');
  const [, count, wide = 0, after = 0] = /^rows-(\d+)(?:-wide-(\d+))?(?:-after-(\d+))?$/.exec(tenant) ?? [];
  const path = rest.join('/');
  const [, place] = /^volumes\/00000001-0000-4000-8000-([0-9a-f]{12})$/.exec(path) ?? [];
  if (!emptyLists.has(path) && ((path !== 'volumes/detail' && place === undefined) || !count)) {
    response.writeHead(404).end();
    return;
  }
  open.requests++;
  response.once('close', () => {
    open.requests--;
    if (!response.writableFinished) open.aborted++;
  });
  if (after) await delay(Number(after));
  const body =
    emptyLists.get(path) ?? JSON.stringify(place === undefined ? pageOf(Number(count), Number(wide)) : one(place));
  response.writeHead(200, { 'content-type': 'application/json' }).end(body);

  function one(place: string) {
    return { volume: volumeAt(Number.parseInt(place, 16), tenant, origin, null) };
  }

  function pageOf(count: number, wide: number) {
    const marker = searchParams.get('marker');
    const from = marker === null ? 0 : Number.parseInt(marker.slice(-12), 16) + 1;
    const to = Math.min(from + Math.min(Number(searchParams.get('limit') ?? 1000), 1000), count);
    const text = wide ? 'x'.repeat(wide) : null;
    const volumes = Array.from({ length: to - from }, (_, index) => volumeAt(from + index, tenant, origin, text));
    searchParams.set('marker', uuidOf(1, to - 1));
    const next = { rel: 'next', href: `${origin}${pathname}?${searchParams}` };
    return { volumes, ...(to < count ? { volumes_links: [next] } : {}) };
  }
}

const server = createServer(({ url = '' }, response) => void answer(url, response));

server.listen(0, '127.0.0.1');
await once(server, 'listening');
// A listening TCP server always has an address of this shape.
const { port } = server.address() as AddressInfo;
answerParent(`http://127.0.0.1:${port}`, {
  state: async (): Promise<UpstreamState> => ({
    sockets: await new Promise((resolve) => server.getConnections((_, sockets) => resolve(sockets))),
    ...open,
  }),
});
