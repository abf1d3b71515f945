import { randomUUID } from 'node:crypto';
import { type Answer, jsonAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import { planChange } from '../change.ts';
import { badRequest, forbidden } from '../error.ts';
import { pythonBool } from '../python.ts';
import { BOOLEAN, type Schema, validate } from '../schema.ts';
import { hasFourByteCharacter } from '../text.ts';
import { now } from '../time.ts';
import { showUploadedType } from '../volume-type/volume-type.ts';
import { findVolume } from './one.ts';

interface Upload {
  image_name: string;
  force?: boolean | string;
  disk_format?: string;
  container_format?: string | null;
  visibility?: string;
  protected?: boolean | string;
}

const STOCK: Schema = {
  type: ['object'],
  properties: {
    image_name: { type: ['string'], minLength: 1, maxLength: 255 },
    force: BOOLEAN,
    disk_format: { type: ['string'], oneOf: ['raw', 'vmdk', 'vdi', 'qcow2', 'vhd', 'vhdx', 'ploop'] },
    container_format: { type: ['string', 'null'], maxLength: 255 },
  },
  required: ['image_name'],
  closed: true,
};

const EXTENDED: Schema = {
  ...STOCK,
  properties: {
    ...STOCK.properties,
    visibility: { type: ['string'], oneOf: ['community', 'public', 'private', 'shared'] },
    protected: BOOLEAN,
  },
};

const CONTAINER_FORMATS = ['ami', 'ari', 'aki', 'bare', 'ovf', 'ova', 'docker', 'compressed'];

/** `os-volume_upload_image` (guide: Create Image with Block Storage; FACTS 7, 27). */
export function uploadImage(call: Call): Answer {
  const { store, stock, changeAfterMs } = call.region;
  const { 'os-volume_upload_image': upload } = validate<{ 'os-volume_upload_image': Upload }>(
    { type: ['object'], properties: { 'os-volume_upload_image': stock ? STOCK : EXTENDED } },
    call.body,
  );
  const row = findVolume(call, call.id);
  if (upload.visibility === 'public') throw forbidden('volume_extension:volume_actions:upload_public');
  const allowed = pythonBool(upload.force) ? ['available', 'in-use'] : ['available'];
  if (!allowed.includes(row.status)) {
    throw badRequest(`Invalid volume: Volume ${row.id} status must be ${allowed.join(' or ')}`);
  }
  const container = upload.container_format === undefined ? 'bare' : upload.container_format;
  if (container !== null && !CONTAINER_FORMATS.includes(container)) throw badContainer(container);
  if (hasFourByteCharacter(upload.image_name)) {
    throw badRequest('HTTP 400 Bad Request: Name can&#x27;t contain 4 byte unicode characters.');
  }
  const type = store.volumeTypes().find((candidate) => candidate.name === row.volume_type);
  store.begin(row, 'uploading', planChange(row.name, 'create', row.status, now(), changeAfterMs));
  return jsonAnswer(202, {
    'os-volume_upload_image': {
      id: row.id,
      updated_at: row.updated_at,
      status: 'uploading',
      display_description: row.description,
      size: row.size,
      volume_type: type ? showUploadedType(type) : null,
      image_id: randomUUID(),
      container_format: container,
      disk_format: upload.disk_format ?? 'raw',
      image_name: upload.image_name,
      protected: pythonBool(upload.protected),
      // Stock Cinder 17 v2 leaves it to the image service.
      visibility: upload.visibility ?? (stock ? 'shared' : 'private'),
    },
  });
}

/** The image service's own refusal, handed on whole. */
function badContainer(name: string): Error {
  const listed = ['None', ...CONTAINER_FORMATS.map((format) => `'${format}'`)];
  return badRequest(
    `Unable to set 'container_format' to '${name}'. Reason: '${name}' is not one of [${listed.join(', ')}]\n\n` +
      "Failed validating 'enum' in schema['properties']['container_format']:\n" +
      "    {'description': 'Format of the container',\n" +
      `     'enum': [${listed.join(',\n              ')}],\n` +
      "     'type': ['null', 'string']}\n\n" +
      `On instance['container_format']:\n    '${name}'`,
  );
}
