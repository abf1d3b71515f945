import { type Answer, jsonAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import type { Value } from '../collation.ts';
import { nextLink, pageOf } from '../page.ts';
import { parsePage, parseSort } from '../query.ts';
import { showVolumeType, type VolumeTypeRow } from './volume-type.ts';

/** GET /types (guide: List Block Storage Types; FACTS 26). An unknown marker is passed over here. */
export function listVolumeTypes(call: Call): Answer {
  const { store, maxLimit, extraSpecs } = call.region;
  const page = parsePage(call.query, maxLimit);
  const sort = parseSort(call.query);
  const rows = store.volumeTypes().filter((row) => row.is_public);
  const shown = pageOf(rows, sort, page, {
    columns: COLUMNS,
    ignoreCase: store.mariadb,
    find: (marker) => store.volumeTypes().find((row) => row.id === marker),
  });
  // The key is in the singular (FACTS 18).
  const links = nextLink(shown, page, call.query, `${call.origin}/v2/${call.tenant}/types`);
  return jsonAnswer(200, {
    volume_types: shown.map((row) => showVolumeType(row, extraSpecs)),
    ...(links ? { volume_type_links: links } : {}),
  });
}

const COLUMNS: Readonly<Record<string, (row: VolumeTypeRow) => Value>> = {
  id: (row) => row.id,
  name: (row) => row.name,
  description: (row) => row.description,
  is_public: (row) => row.is_public,
  created_at: (row) => row.created_at,
  updated_at: (row) => row.updated_at,
  qos_specs_id: (row) => row.qos_specs_id,
  extra_specs: () => null,
  deleted: () => null,
};
