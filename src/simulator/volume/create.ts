import { type Answer, jsonAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import { planChange } from '../change.ts';
import { badRequest, invalidInput, malformedCall, notFound } from '../error.ts';
import { pythonBool } from '../python.ts';
import { reserve } from '../quota.ts';
import {
  isUuidLike,
  METADATA,
  OPTIONAL_BOOLEAN,
  type Schema,
  SHORT_TEXT,
  TRIMMED_TEXT,
  UUID_OR_NULL,
  validate,
} from '../schema.ts';
import { findSnapshot } from '../snapshot/one.ts';
import type { SnapshotRow } from '../snapshot/snapshot.ts';
import { storedText } from '../text.ts';
import { now } from '../time.ts';
import type { VolumeTypeRow } from '../volume-type/volume-type.ts';
import { findVolume } from './one.ts';
import { showVolume, type VolumeRow } from './volume.ts';

interface Creation {
  volume: {
    name?: string | null;
    description?: string | null;
    volume_type?: string | null;
    metadata?: Record<string, string> | null;
    snapshot_id?: string | null;
    source_volid?: string | null;
    size?: number | string | null;
    availability_zone?: string | null;
    multiattach?: boolean | string | null;
    /** The guide's own; checked by hand, for nobody has seen it refused. */
    nhn_encryption?: unknown;
  };
}

const CREATION: Schema = {
  type: ['object'],
  properties: {
    volume: {
      type: ['object'],
      properties: {
        name: TRIMMED_TEXT,
        description: TRIMMED_TEXT,
        volume_type: SHORT_TEXT,
        metadata: METADATA,
        snapshot_id: UUID_OR_NULL,
        source_volid: UUID_OR_NULL,
        size: { type: ['integer', 'string', 'null'], pattern: /^[0-9]+$/, minimum: 1, maximum: 2_147_483_647 },
        availability_zone: { type: ['string', 'null'], minLength: 1, maxLength: 255 },
        multiattach: OPTIONAL_BOOLEAN,
      },
    },
  },
  required: ['volume'],
  closed: true,
};

/** POST /volumes (guide: Create Block Storage; FACTS 5, 7, 10, 11). */
export function createVolume(call: Call): Answer {
  const { store, changeAfterMs } = call.region;
  const { volume } = validate<Creation>(CREATION, call.body);
  const wantedType = volume.volume_type ? findType(call, volume.volume_type) : undefined;
  const snapshot = volume.snapshot_id ? findSnapshot(call, volume.snapshot_id) : undefined;
  const source = volume.source_volid ? findVolume(call, volume.source_volid) : undefined;
  checkType(wantedType, snapshot, source);
  if (snapshot && source) throw invalidInput('May specify only one of backup, imageRef, snapshot, source volume');
  const size = sizeOf(volume.size ?? null, snapshot, source);
  const zone = zoneOf(call, volume.availability_zone ?? null, snapshot, source);
  reserve(call.region, call.tenant, 'volumes', size);
  const name = storedText(call, volume.name);
  const encryption = encryptionOf(volume.nhn_encryption);
  const row = store.addVolume(call.tenant, {
    status: 'creating',
    size,
    availability_zone: zone,
    name,
    description: storedText(call, volume.description),
    snapshot_id: snapshot?.id ?? null,
    source_volid: source?.id ?? null,
    metadata: volume.metadata ?? {},
    multiattach: pythonBool(volume.multiattach),
    ...typeOf(wantedType, snapshot, source),
    ...(encryption ? { encrypted: true, nhn_encryption: encryption } : {}),
  });
  const answer = jsonAnswer(202, { volume: showVolume(row, call.origin, true) });
  store.begin(row, 'creating', planChange(name, 'create', 'available', now(), changeAfterMs));
  return answer;
}

function findType(call: Call, wanted: string): VolumeTypeRow {
  const types = call.region.store.volumeTypes();
  const type = types.find(({ id }) => id === wanted) ?? types.find(({ name }) => name === wanted);
  if (!type) throw notFound(isUuidLike(wanted) ? `Volume type ${wanted}` : `Volume type with name ${wanted}`);
  return type;
}

function checkType(wanted: VolumeTypeRow | undefined, snapshot?: SnapshotRow, source?: VolumeRow): void {
  if (!wanted) return;
  const mismatch = (advice: string) =>
    invalidInput(
      `Invalid volume_type provided: ${wanted.id} (requested type is not compatible; ${advice} type argument).`,
    );
  if (source && source.volume_type !== wanted.name) throw mismatch('either match source volume, or omit');
  if (snapshot && snapshot.volume_type !== wanted.name) throw mismatch('recommend omitting the');
}

function sizeOf(wanted: number | string | null, snapshot?: SnapshotRow, source?: VolumeRow): number {
  if (wanted === null && !snapshot && !source) throw malformedCall();
  if (snapshot && snapshot.status !== 'available') {
    throw badRequest("Invalid snapshot: Originating snapshot status must be one of 'available' values");
  }
  if (source && source.status !== 'available' && source.status !== 'in-use') {
    throw badRequest("Invalid volume: Originating source volume status must be one of 'available, in-use' values");
  }
  const size = Number(wanted ?? snapshot?.size ?? source?.size);
  if (source && size < source.size) {
    throw invalidInput(
      `Volume size '${size}'GB cannot be smaller than original volume size  ${source.size}GB. ` +
        'They must be >= original volume size.',
    );
  }
  if (snapshot && size < snapshot.size) {
    throw invalidInput(
      `Volume size '${size}'GB cannot be smaller than the snapshot size ${snapshot.size}GB. ` +
        'They must be >= original snapshot size.',
    );
  }
  return size;
}

function zoneOf(call: Call, wanted: string | null, snapshot?: SnapshotRow, source?: VolumeRow): string {
  const { store } = call.region;
  const origin = source ?? (snapshot ? store.volume(snapshot.volume_id) : undefined);
  const zone = wanted ?? origin?.availability_zone ?? store.zones[0];
  if (!store.zones.includes(zone)) throw badRequest(`Availability zone '${zone}' is invalid.`);
  if (origin && origin.availability_zone !== zone) {
    throw invalidInput(`Volume must be in the same availability zone as the ${source ? 'source volume' : 'snapshot'}`);
  }
  return zone;
}

function typeOf(wanted?: VolumeTypeRow, snapshot?: SnapshotRow, source?: VolumeRow): { volume_type?: string | null } {
  if (wanted) return { volume_type: wanted.name };
  const origin = source ?? snapshot;
  return origin ? { volume_type: origin.volume_type } : {};
}

/** What is kept of the guide's `nhn_encryption`: the key's id and version, never the appkey. */
function encryptionOf(sent: unknown): VolumeRow['nhn_encryption'] {
  if (typeof sent !== 'object' || sent === null || !('skm_key_id' in sent)) return undefined;
  const { skm_key_id } = sent;
  return typeof skm_key_id === 'string' ? { skm_key_version: 1, skm_key_id } : undefined;
}
