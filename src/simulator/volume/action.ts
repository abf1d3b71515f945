import type { Answer } from '../answer.ts';
import type { Call } from '../call.ts';
import { badRequest } from '../error.ts';
import { attachVolume, detachVolume } from './attach.ts';
import { uploadImage } from './upload.ts';

/** The actions of a volume. */
const ACTIONS: Readonly<Record<string, (call: Call) => Answer>> = {
  'os-volume_upload_image': uploadImage,
  'os-attach': attachVolume,
  'os-detach': detachVolume,
};

/** POST /volumes/{id}/action: the one key of the body names the action (FACTS 13). */
export function actOnVolume(call: Call): Answer {
  if (call.body === undefined) throw noSuchAction('None');
  const names = typeof call.body === 'object' && call.body !== null ? Object.keys(call.body) : [];
  const [name] = names;
  if (name === undefined || names.length > 1 || Array.isArray(call.body)) throw badRequest('Malformed request body');
  const act = Object.hasOwn(ACTIONS, name) ? ACTIONS[name] : undefined;
  if (!act) throw noSuchAction(name);
  return act(call);
}

function noSuchAction(name: string): Error {
  return badRequest(`There is no such action: ${name}. Verify the request body and Content-Type header and try again.`);
}
