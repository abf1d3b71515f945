import { type Answer, jsonAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import { notFound } from '../error.ts';
import { showVolumeType } from './volume-type.ts';

/** GET /types/{id}. */
export function getVolumeType(call: Call): Answer {
  const row = call.region.store.volumeTypes().find((type) => type.id === call.id && type.is_public);
  if (!row) throw notFound(`Volume type ${call.id}`);
  return jsonAnswer(200, { volume_type: showVolumeType(row, call.region.extraSpecs) });
}
