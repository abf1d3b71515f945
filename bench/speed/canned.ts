import { placesOf, tenantStart } from './callers.ts';
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

/** An answer of the upstream as bytes, and where it can be changed without changing its length. */
export interface Canned {
  readonly bytes: Buffer;
  /** Where eight characters of each row's name begin, the first row's first. */
  readonly names: readonly number[];
  /** Where each tenant begins. */
  readonly tenants: readonly number[];
  /** Copies whose bytes may be changed, and that are not being sent. */
  readonly free: Buffer[];
}

/** Makes the answer to a GET. */
export function can(target: string): Canned {
  const body = bodyOf(target);
  const json = JSON.stringify(body ?? { itemNotFound: { code: 404, message: 'There is nothing here.' } });
  const status = body ? '200 OK' : '404 Not Found';
  const head = `HTTP/1.1 ${status}\r\nContent-Type: application/json\r\nContent-Length: ${json.length}\r\nX-Openstack-Request-Id: req-6cdebe3e-b009-4910-bc41-f1d42ebe4cb7\r\nDate: Thu, 01 Jan 2026 00:00:00 GMT\r\n\r\n`;
  const bytes = Buffer.from(head + json, 'latin1');
  return { bytes, names: placesOf(bytes, nameStart), tenants: placesOf(bytes, tenantStart), free: [] };
}

/** The eight characters of a row's name. */
const nameOf = (place: number) => `${nameStart}${String(place).padStart(7, '0')}`;

/** Stands nowhere else in an answer. */
const nameStart = '~';

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
      row(tenant, region, from + index, nameOf(from + index)),
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
      return isThere ? { volume: volumeAt(tenant, region, place, nameOf(place)) } : undefined;
    }
  }
}
