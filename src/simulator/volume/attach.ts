import { randomUUID } from 'node:crypto';
import { type Answer, emptyAnswer } from '../answer.ts';
import type { Call } from '../call.ts';
import { badRequest } from '../error.ts';
import { type Schema, validate } from '../schema.ts';
import { formatTime, now, storedTime } from '../time.ts';
import { findVolume } from './one.ts';

const ATTACHMENT: Schema = {
  type: ['object'],
  properties: {
    'os-attach': {
      type: ['object'],
      properties: {
        instance_uuid: { type: ['string'] },
        mountpoint: { type: ['string'], minLength: 1, maxLength: 255 },
        host_name: { type: ['string'], maxLength: 255 },
        mode: { type: ['string'], oneOf: ['rw', 'ro'] },
      },
      required: ['mountpoint', 'instance_uuid'],
      closed: true,
    },
  },
  closed: true,
};

/** `os-attach`, which the compute service sends on a cloud; not in the guide, there for tests (FACTS 13). */
export function attachVolume(call: Call): Answer {
  const { 'os-attach': asked } = validate<{
    'os-attach': { instance_uuid: string; mountpoint: string; mode?: string };
  }>(ATTACHMENT, call.body);
  const row = findVolume(call, call.id);
  if (row.status !== 'available' && !(row.status === 'in-use' && row.multiattach)) {
    throw badRequest('Invalid volume: volume is already attached and multiple attachments are not enabled');
  }
  const time = formatTime(now());
  row.attachments.push({
    id: row.id,
    attachment_id: randomUUID(),
    volume_id: row.id,
    server_id: asked.instance_uuid,
    host_name: null,
    device: asked.mountpoint,
    attached_at: storedTime(time, call.region.store.mariadb),
  });
  row.metadata = { ...row.metadata, readonly: 'False', attached_mode: asked.mode ?? 'rw' };
  row.status = 'in-use';
  row.updated_at = time;
  return emptyAnswer(202, 'application/json');
}

/** `os-detach`, the counterpart of `os-attach`. */
export function detachVolume(call: Call): Answer {
  const row = findVolume(call, call.id);
  const { attached_mode: _, ...metadata } = row.metadata;
  row.attachments = [];
  row.metadata = metadata;
  row.status = 'available';
  return emptyAnswer(202, 'application/json');
}
