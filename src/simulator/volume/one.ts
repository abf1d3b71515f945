import { type Answer, emptyAnswer, jsonAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import { GONE, planChange } from '../change.ts';
import { badRequest, notFound } from '../error.ts';
import { pythonBool } from '../python.ts';
import { now } from '../time.ts';
import { showVolume, type VolumeRow } from './volume.ts';

/** The tenant's volume of that id, or 404, which does not tell an unknown id from another tenant's (FACTS 5). */
export function findVolume(call: Call, id: string): VolumeRow {
  const row = call.region.store.volume(id);
  if (row?.['os-vol-tenant-attr:tenant_id'] !== call.tenant) throw notFound(`Volume ${id}`);
  return row;
}

/** GET /volumes/{id} (guide: Get Block Storage). */
export function getVolume(call: Call): Answer {
  return jsonAnswer(200, { volume: showVolume(findVolume(call, call.id), call.origin) });
}

const DELETABLE = ['available', 'error', 'error_restoring', 'error_extending', 'error_managing'];

/** DELETE /volumes/{id} (guide: Delete Block Storage): every conflict is one and the same 400 (FACTS 7, 27). */
export function deleteVolume(call: Call): Answer {
  const { store, changeAfterMs } = call.region;
  const row = findVolume(call, call.id);
  const snapshots = store.snapshots(call.tenant).filter((snapshot) => snapshot.volume_id === row.id);
  const cascade = pythonBool(call.query.get('cascade'));
  const inTheWay = snapshots.filter((snapshot) => !cascade || !['available', 'error'].includes(snapshot.status));
  if (!DELETABLE.includes(row.status) || row.attachments.length > 0 || inTheWay.length > 0) {
    throw badRequest(
      `Invalid volume: Volume status must be ${DELETABLE.join(' or ')} and must not be migrating, attached, belong to ` +
        'a group, have snapshots or be disassociated from snapshots after volume transfer.',
    );
  }
  for (const doomed of [...snapshots, row]) {
    store.begin(doomed, 'deleting', planChange(doomed.name, 'delete', GONE, now(), changeAfterMs));
  }
  return emptyAnswer(202, 'text/html; charset=UTF-8');
}
