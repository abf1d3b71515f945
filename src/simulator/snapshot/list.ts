import { type Answer, jsonAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import { sameText, type Value } from '../collation.ts';
import { notFound } from '../error.ts';
import { type Listing, nextLink, pageOf } from '../page.ts';
import { parseFilters, parsePage, parseSort } from '../query.ts';
import type { Store } from '../store.ts';
import { type SnapshotRow, showSnapshot, showSnapshotShort } from './snapshot.ts';

const FILTERS = ['status', 'volume_id', 'name'] as const;

/** GET /snapshots and /snapshots/detail (guide: List Snapshots, List Snapshots with Details; FACTS 22, 23). */
export function listSnapshots(call: Call, detailed: boolean): Answer {
  const { store } = call.region;
  const sort = parseSort(call.query);
  const page = parsePage(call.query, call.region.maxLimit);
  const filters = parseFilters(call.query, FILTERS);
  const rows = store.snapshots(call.tenant).filter((row) => matches(row, filters, store.mariadb));
  const shown = pageOf(rows, sort, page, listing(store));
  const address = `${call.origin}/v2/${call.tenant}/snapshots${detailed ? '/detail' : ''}`;
  const links = nextLink(shown, page, call.query, address);
  return jsonAnswer(200, {
    snapshots: shown.map(detailed ? showSnapshot : showSnapshotShort),
    ...(links ? { snapshots_links: links } : {}),
  });
}

function listing(store: Store): Listing<SnapshotRow> {
  return {
    columns: COLUMNS,
    ignoreCase: store.mariadb,
    find(marker) {
      const row = store.snapshot(marker);
      if (!row) throw notFound(`Snapshot ${marker}`);
      return row;
    },
  };
}

/** The columns of Cinder's table: `name`, `size` and `description` are not among them (FACTS 22). */
const COLUMNS: Readonly<Record<string, (row: SnapshotRow) => Value>> = {
  id: (row) => row.id,
  display_name: (row) => row.name,
  display_description: (row) => row.description,
  volume_size: (row) => row.size,
  volume_id: (row) => row.volume_id,
  status: (row) => row.status,
  progress: (row) => row['os-extended-snapshot-attributes:progress'],
  created_at: (row) => row.created_at,
  updated_at: (row) => row.updated_at,
  project_id: (row) => row['os-extended-snapshot-attributes:project_id'],
  volume_type_id: (row) => row.volume_type,
  user_id: () => null,
  volume: () => null,
};

function matches(row: SnapshotRow, filters: ReadonlyMap<string, string>, ignoreCase: boolean): boolean {
  for (const [name, value] of filters) {
    if (name === 'name' && !sameText(row.name, value, ignoreCase)) return false;
    if (name === 'status' && !sameText(row.status, value, ignoreCase)) return false;
    if (name === 'volume_id' && !sameText(row.volume_id, value, ignoreCase)) return false;
  }
  return true;
}
