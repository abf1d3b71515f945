import { type Answer, emptyAnswer, jsonAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import { GONE, planChange } from '../change.ts';
import { badRequest, notFound } from '../error.ts';
import { now } from '../time.ts';
import { type SnapshotRow, showSnapshot } from './snapshot.ts';

/** The tenant's snapshot of that id, or 404 (FACTS 5). */
export function findSnapshot(call: Call, id: string): SnapshotRow {
  const row = call.region.store.snapshot(id);
  if (row?.['os-extended-snapshot-attributes:project_id'] !== call.tenant) throw notFound(`Snapshot ${id}`);
  return row;
}

/** GET /snapshots/{id} (guide: View Snapshot). */
export function getSnapshot(call: Call): Answer {
  return jsonAnswer(200, { snapshot: showSnapshot(findSnapshot(call, call.id)) });
}

/** DELETE /snapshots/{id} (guide: Delete Snapshots; FACTS 7). */
export function deleteSnapshot(call: Call): Answer {
  const { store, changeAfterMs } = call.region;
  const row = findSnapshot(call, call.id);
  if (row.status !== 'available' && row.status !== 'error') {
    throw badRequest('Invalid snapshot: Snapshot status must be available or error and must not be part of a group.');
  }
  store.begin(row, 'deleting', planChange(row.name, 'delete', GONE, now(), changeAfterMs));
  return emptyAnswer(202, 'text/html; charset=UTF-8');
}
