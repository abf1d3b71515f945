import { once } from 'node:events';
import { createServer, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { Readable } from 'node:stream';
import { pipeline } from 'node:stream/promises';
import { answerParent } from './process.ts';

/*
 * Regions that cost little: each page is made when it is first asked for, and kept as bytes. The first name of the path
 * is the region. The tenant says what it holds: `rows-9999-kib-614` has 9,999 volumes, and a page of a thousand is
 * 614 KiB. What follows is only a name: `rows-9999-kib-614-other` is another tenant. The region `endless` sends a list
 * of volumes that never ends. A process of its own, which tells its URL.
 */

/** What the regions have served since they started. */
export interface PagesServed {
  readonly rows: number;
}

interface Page {
  readonly body: Buffer;
  readonly rows: number;
}

const longestValue = 255;
const newest = Date.UTC(2026, 0, 1);
const emptyLists = new Map([
  ['types', '{"volume_types": []}'],
  ['snapshots/detail', '{"snapshots": []}'],
  ['snapshots', '{"snapshots": []}'],
]);

const pages = new Map<string, Page>();
let rowsServed = 0;

const uuidOf = (place: number) => `00000001-0000-4000-8000-${place.toString(16).padStart(12, '0')}`;
const placeOf = (uuid: string) => Number.parseInt(uuid.slice(-12), 16);

/** A volume as Cinder writes it, padded with metadata to a given size in bytes of JSON. */
function volumeAt(place: number, tenant: string, bytes: number) {
  const volume = {
    id: uuidOf(place),
    name: `volume-${place}`,
    status: 'available',
    // Newest first, as the guide's lists are.
    created_at: new Date(newest - place * 1000).toISOString().replace('Z', '000'),
    size: 1 + (place % 100),
    volume_type: 'General HDD',
    availability_zone: 'kr-pub-a',
    bootable: 'false',
    description: null,
    attachments: [],
    links: [],
    snapshot_id: null,
    'os-vol-tenant-attr:tenant_id': tenant,
  };
  return { ...volume, metadata: metadataOf(bytes - JSON.stringify(volume).length) };
}

/** Metadata entries of a given size in bytes; no value is longer than Cinder allows. */
function metadataOf(bytes: number): Record<string, string> {
  const entry = '"k100":"",'.length;
  const entries = Math.max(0, Math.round(bytes / (entry + longestValue)));
  const length = Math.min(longestValue, Math.round(bytes / entries) - entry);
  return Object.fromEntries(Array.from({ length: entries }, (_, index) => [`k${100 + index}`, 'v'.repeat(length)]));
}

/** Undefined where there is nothing. */
function pageOf(url: string): Page | undefined {
  const kept = pages.get(url);
  if (kept) return kept;
  const { pathname, searchParams, origin } = new URL(url, 'http://bench');
  const [, , , tenant = '', ...path] = pathname.split('/');
  const [, count, kib] = /^rows-(\d+)-kib-(\d+)/.exec(tenant) ?? [];
  const empty = emptyLists.get(path.join('/'));
  if (empty) return { body: Buffer.from(empty), rows: 0 };
  if (path[0] !== 'volumes' || !count) return undefined;

  const marker = searchParams.get('marker');
  const from = marker === null ? 0 : placeOf(marker) + 1;
  const to = Math.min(from + Math.min(Number(searchParams.get('limit') ?? 1000), 1000), Number(count));
  const volumes = Array.from({ length: Math.max(0, to - from) }, (_, index) =>
    volumeAt(from + index, tenant, (Number(kib) * 1024) / 1000),
  );
  searchParams.set('marker', uuidOf(to - 1));
  const links = [{ rel: 'next', href: `${origin}${pathname}?${searchParams}` }];
  const body = JSON.stringify({ volumes, ...(to < Number(count) ? { volumes_links: links } : {}) });
  const page = { body: Buffer.from(body), rows: volumes.length };
  pages.set(url, page);
  return page;
}

function* volumesWithoutEnd(tenant: string) {
  yield '{"volumes": [';
  const rows = Array.from({ length: 100 }, (_, place) => JSON.stringify(volumeAt(place, tenant, 1000))).join();
  while (true) yield `${rows},`;
}

function answer(url: string, response: ServerResponse): void {
  const [, region, , tenant = '', ...path] = url.split(/[/?]/);
  if (region === 'endless' && path[0] === 'volumes') {
    response.writeHead(200, { 'content-type': 'application/json' });
    // It ends when the gateway closes the connection.
    void pipeline(Readable.from(volumesWithoutEnd(tenant)), response).catch(() => {});
    return;
  }
  const page = pageOf(url);
  if (!page) {
    response.writeHead(404).end();
    return;
  }
  rowsServed += page.rows;
  response.writeHead(200, { 'content-type': 'application/json', 'content-length': page.body.length }).end(page.body);
}

const server = createServer(({ url = '' }, response) => answer(url, response));
server.listen(0, '127.0.0.1');
await once(server, 'listening');
// A listening TCP server always has an address of this shape.
const { port } = server.address() as AddressInfo;
answerParent(`http://127.0.0.1:${port}`, {
  served: (): PagesServed => ({ rows: rowsServed }),
});
