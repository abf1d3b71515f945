import { type Answer, jsonAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import { sameText, type Value } from '../collation.ts';
import { notFound } from '../error.ts';
import { type Listing, nextLink, pageOf } from '../page.ts';
import { parseFilters, parsePage, parseSort } from '../query.ts';
import type { Store } from '../store.ts';
import { showVolume, showVolumeShort, type VolumeRow } from './volume.ts';

const FILTERS = ['name', 'status', 'size', 'bootable', 'availability_zone', 'metadata'] as const;

/** GET /volumes and /volumes/detail (guide: List Block Storage, List Block Storage Details; FACTS 16-25). */
export function listVolumes(call: Call, detailed: boolean): Answer {
  const { store } = call.region;
  const page = parsePage(call.query, call.region.maxLimit);
  const sort = parseSort(call.query);
  const filters = parseFilters(call.query, FILTERS);
  const metadata = filters.has('metadata') ? parsePythonDict(filters.get('metadata') ?? '') : {};
  // A second name is taken for a column that is none.
  const impossible = metadata === undefined || call.query.getAll('name').length > 1;
  if (impossible) return jsonAnswer(200, { volumes: [] });
  const rows = store.volumes(call.tenant).filter((row) => matches(row, filters, metadata, store.mariadb));
  const shown = pageOf(rows, sort, page, listing(store));
  const address = `${call.origin}/v2/${call.tenant}/volumes${detailed ? '/detail' : ''}`;
  const links = nextLink(shown, page, call.query, address);
  return jsonAnswer(200, {
    volumes: shown.map((row) => (detailed ? showVolume(row, call.origin) : showVolumeShort(row, call.origin))),
    ...(links ? { volumes_links: links } : {}),
  });
}

function listing(store: Store): Listing<VolumeRow> {
  return {
    columns: COLUMNS,
    ignoreCase: store.mariadb,
    find(marker) {
      const row = store.volume(marker);
      if (!row) throw notFound(`Volume ${marker}`);
      return row;
    },
  };
}

const constant = (): Value => null;

/** The columns of Cinder's table, by which a list may be ordered; what a simulated row has not, is the same in all. */
const COLUMNS: Readonly<Record<string, (row: VolumeRow) => Value>> = {
  id: (row) => row.id,
  name: (row) => row.name,
  display_name: (row) => row.name,
  display_description: (row) => row.description,
  size: (row) => row.size,
  status: (row) => row.status,
  availability_zone: (row) => row.availability_zone,
  created_at: (row) => row.created_at,
  updated_at: (row) => row.updated_at,
  launched_at: (row) => row.created_at,
  snapshot_id: (row) => row.snapshot_id,
  source_volid: (row) => row.source_volid,
  consistencygroup_id: (row) => row.consistencygroup_id,
  bootable: (row) => row.bootable === 'true',
  multiattach: (row) => row.multiattach,
  user_id: (row) => row.user_id,
  project_id: (row) => row['os-vol-tenant-attr:tenant_id'],
  replication_status: (row) => row.replication_status,
  attach_status: (row) => (row.attachments.length > 0 ? 'attached' : 'detached'),
  // A relationship, not a column: it is taken and orders nothing.
  volume_type: constant,
  volume_type_id: (row) => row.volume_type,
  host: constant,
  encryption_key_id: (row) => row.nhn_encryption?.skm_key_id ?? null,
  migration_status: constant,
  group_id: constant,
  deleted: constant,
};

function matches(
  row: VolumeRow,
  filters: ReadonlyMap<string, string>,
  metadata: Readonly<Record<string, string>>,
  ignoreCase: boolean,
): boolean {
  for (const [name, value] of filters) {
    if (name === 'name' && !sameText(row.name, value, ignoreCase)) return false;
    if (name === 'status' && !sameText(row.status, value, ignoreCase)) return false;
    if (name === 'availability_zone' && !sameText(row.availability_zone, value, ignoreCase)) return false;
    if (name === 'size' && row.size !== Number(value)) return false;
    if (name === 'bootable' && (row.bootable === 'true') === /^(false|False|FALSE|)$/.test(value)) return false;
  }
  return Object.entries(metadata).every(([key, value]) => row.metadata[key] === value);
}

/** The metadata filter is a Python dictionary, `{'k':'v'}`; anything else matches nothing. */
function parsePythonDict(text: string): Record<string, string> | undefined {
  if (!/^\s*\{.*\}\s*$/.test(text)) return undefined;
  const pairs = [...text.matchAll(/(['"])((?:(?!\1).)*)\1\s*:\s*(['"])((?:(?!\3).)*)\3/g)];
  return Object.fromEntries(pairs.map((pair) => [pair[2] ?? '', pair[4] ?? '']));
}
