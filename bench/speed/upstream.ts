import { once } from 'node:events';
import { type AddressInfo, createServer, type Socket } from 'node:net';
import {
  placeOf,
  type RegionCode,
  regions,
  shortSnapshotAt,
  shortVolumeAt,
  snapshotAt,
  snapshotsEach,
  typeAt,
  typeCount,
  volumeAt,
  volumesOf,
} from './rows.ts';

/*
 * The canned upstream of all regions, at `/{region}/v2/{tenant}/…`: every answer is made once and kept as bytes. It
 * speaks just enough HTTP for GET, over bare sockets, so that it is never what limits a server under test.
 *
 * A process of its own; its parent sends a `Mood` and is sent the endpoint, or the number of calls since the last one.
 */

/** How the upstream answers from now on. */
export interface Mood {
  /** Every answer differs from the one before by a few bytes of its first row, and has the same length. */
  readonly changing: boolean;
  readonly delayMs: number;
}

/** An answer in two parts; between them stand eight characters that may change. */
interface Canned {
  readonly before: Buffer;
  readonly same: Buffer;
  readonly after: Buffer;
}

let mood: Mood = { changing: false, delayMs: 0 };
let calls = 0;
let revision = 0;
const kept = new Map<string, Canned>();

/** What is written where eight characters may change. */
const changeable = '~changes';

const server = createServer({ noDelay: true }, (socket) => {
  let rest = '';
  socket.on('error', () => socket.destroy());
  socket.on('data', (chunk) => {
    rest += chunk.toString('latin1');
    for (let end = rest.indexOf('\r\n\r\n'); end >= 0; end = rest.indexOf('\r\n\r\n')) {
      const target = rest.slice(4, rest.indexOf(' ', 4));
      rest = rest.slice(end + 4);
      calls++;
      if (mood.delayMs > 0) setTimeout(answer, mood.delayMs, socket, target);
      else answer(socket, target);
    }
  });
});

function answer(socket: Socket, target: string): void {
  let canned = kept.get(target);
  if (!canned) {
    canned = can(target);
    kept.set(target, canned);
  }
  if (!mood.changing) {
    socket.write(canned.same);
    return;
  }
  socket.cork();
  socket.write(canned.before);
  socket.write(String(revision++ % 100_000_000).padStart(8, '0'), 'latin1');
  socket.write(canned.after);
  socket.uncork();
}

function can(target: string): Canned {
  const body = bodyOf(target);
  const json = JSON.stringify(body ?? { itemNotFound: { code: 404, message: 'There is nothing here.' } });
  const status = body ? '200 OK' : '404 Not Found';
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\nX-Openstack-Request-Id: req-6cdebe3e-b009-4910-bc41-f1d42ebe4cb7\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n`;
  const text = head + json;
  const at = text.indexOf(changeable);
  if (at < 0) return { before: Buffer.from(text), same: Buffer.from(text), after: Buffer.alloc(0) };
  return {
    before: Buffer.from(text.slice(0, at), 'latin1'),
    same: Buffer.from(text.replace(changeable, '00000000'), 'latin1'),
    after: Buffer.from(text.slice(at + changeable.length), 'latin1'),
  };
}

type Row = (tenant: string, region: RegionCode, place: number, name: string) => object;

/** Undefined where there is nothing. */
function bodyOf(target: string): object | undefined {
  const { pathname, searchParams } = new URL(target, 'http://upstream');
  const [, code = '', version, tenant = '', ...path] = pathname.split('/');
  const region = regions.find((region) => region === code.toLowerCase());
  if (!region || version !== 'v2' || !(volumesOf(tenant) >= 0)) return undefined;
  const count = volumesOf(tenant);

  const page = (member: string, row: Row, length: number) => {
    const marker = searchParams.get('marker');
    const from = marker === null ? Number(searchParams.get('offset') ?? 0) : placeOf(marker) + 1;
    const to = Math.min(from + Math.min(Number(searchParams.get('limit') ?? 1000), 1000), length);
    const rows = Array.from({ length: Math.max(0, to - from) }, (_, index) =>
      row(tenant, region, from + index, index === 0 ? changeable : String(from + index).padStart(8, '0')),
    );
    const last = rows.at(-1);
    if (!last || !('id' in last) || to >= length) return { [member]: rows };
    const next = new URLSearchParams(searchParams);
    next.delete('offset');
    next.set('marker', String(last.id));
    const href = `http://upstream${pathname}?${next.toString()}`;
    return { [member]: rows, [`${member}_links`]: [{ rel: 'next', href }] };
  };

  switch (path.join('/')) {
    case 'volumes/detail':
      return page('volumes', volumeAt, count);
    case 'volumes':
      return page('volumes', shortVolumeAt, count);
    case 'snapshots/detail':
      return page('snapshots', snapshotAt, count * snapshotsEach);
    case 'snapshots':
      return page('snapshots', shortSnapshotAt, count * snapshotsEach);
    case 'types':
      return page('volume_types', typeAt, typeCount);
    default: {
      const place = placeOf(path[1] ?? '');
      const isThere = path[0] === 'volumes' && path.length === 2 && place < count;
      return isThere ? { volume: volumeAt(tenant, region, place, changeable) } : undefined;
    }
  }
}

process.on('message', (wanted: Mood) => {
  mood = wanted;
  process.send?.(calls);
  calls = 0;
});
process.on('disconnect', () => process.exit());
server.listen(0, '127.0.0.1');
await once(server, 'listening');
// A listening TCP server always has an address of this shape.
const { port } = server.address() as AddressInfo;
process.send?.(`http://127.0.0.1:${port}`);
