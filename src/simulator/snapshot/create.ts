import { type Answer, jsonAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import { planChange } from '../change.ts';
import { badRequest } from '../error.ts';
import { pythonBool } from '../python.ts';
import { reserve } from '../quota.ts';
import { BOOLEAN, METADATA, type Schema, SHORT_TEXT, UUID_OR_NULL, validate } from '../schema.ts';
import { storedText } from '../text.ts';
import { formatTime, now } from '../time.ts';
import { findVolume } from '../volume/one.ts';
import type { VolumeRow } from '../volume/volume.ts';
import { showSnapshotShort } from './snapshot.ts';

interface Creation {
  snapshot: {
    name?: string | null;
    description?: string | null;
    volume_id: string | null;
    force?: boolean | string;
    metadata?: Record<string, string> | null;
  };
}

const CREATION: Schema = {
  type: ['object'],
  properties: {
    snapshot: {
      type: ['object'],
      properties: {
        name: SHORT_TEXT,
        // Control characters, line breaks among them, and all beyond the basic plane are refused in this text alone.
        description: {
          type: ['string', 'null'],
          pattern: /^[^\p{C}\p{Zl}\p{Zp}\u{10000}-\u{10ffff}]*$/u,
          maxLength: 255,
        },
        volume_id: UUID_OR_NULL,
        force: BOOLEAN,
        metadata: METADATA,
      },
      required: ['volume_id'],
      closed: true,
    },
  },
  required: ['snapshot'],
  closed: true,
};

/** POST /snapshots (guide: Create Snapshot; FACTS 5, 7, 10-12). */
export function createSnapshot(call: Call): Answer {
  const { store, changeAfterMs } = call.region;
  const { snapshot } = validate<Creation>(CREATION, call.body);
  const volume = findVolume(call, snapshot.volume_id ?? 'None');
  checkVolume(volume, pythonBool(snapshot.force));
  reserve(call.region, call.tenant, 'snapshots', volume.size);
  const start = now();
  const row = store.addSnapshot(call.tenant, {
    status: 'creating',
    created_at: formatTime(start),
    name: storedText(call, snapshot.name),
    description: storedText(call, snapshot.description),
    volume_id: volume.id,
    metadata: snapshot.metadata ?? {},
  });
  // This answer alone has microseconds over MariaDB too (FACTS 12).
  const answer = jsonAnswer(202, { snapshot: { ...showSnapshotShort(row), created_at: formatTime(start) } });
  store.begin(row, 'creating', planChange(row.name, 'create', 'available', start, changeAfterMs));
  return answer;
}

function checkVolume(volume: VolumeRow, force: boolean): void {
  // A volume still creating has its host here from the start; in Cinder it takes the scheduler a moment.
  if (volume.status === 'error') {
    throw badRequest('Invalid volume: volume is not assigned to a host');
  }
  if (volume.status === 'maintenance') {
    throw badRequest('Invalid volume: The snapshot cannot be created when the volume is in maintenance mode.');
  }
  const allowed = force ? ['available', 'in-use'] : ['available'];
  if (!allowed.includes(volume.status)) {
    throw badRequest(
      `Invalid volume: Volume ${volume.id} status must be ${allowed.join(', ')}, ` +
        `but current status is: ${volume.status}.`,
    );
  }
}
