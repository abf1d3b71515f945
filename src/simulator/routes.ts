import type { Answer } from './answer.ts';
import type { Call } from './call.ts';
import { createSnapshot } from './snapshot/create.ts';
import { listSnapshots } from './snapshot/list.ts';
import { deleteSnapshot, getSnapshot } from './snapshot/one.ts';
import { actOnVolume } from './volume/action.ts';
import { createVolume } from './volume/create.ts';
import { listVolumes } from './volume/list.ts';
import { deleteVolume, getVolume } from './volume/one.ts';
import { listVolumeTypes } from './volume-type/list.ts';
import { getVolumeType } from './volume-type/one.ts';

/** Answers a call, or throws a `CallError`. */
export type Handler = (call: Call) => Answer;

/** The calls of the guide; `:id` stands for any other last segment. The actions of a volume are listed in volume/action.ts. */
export const ROUTES: Readonly<Record<string, Handler>> = {
  'GET types': listVolumeTypes,
  'GET types/:id': getVolumeType,
  'GET volumes': (call) => listVolumes(call, false),
  'GET volumes/detail': (call) => listVolumes(call, true),
  'GET volumes/:id': getVolume,
  'POST volumes': createVolume,
  'DELETE volumes/:id': deleteVolume,
  'POST volumes/:id/action': actOnVolume,
  'GET snapshots': (call) => listSnapshots(call, false),
  'GET snapshots/detail': (call) => listSnapshots(call, true),
  'GET snapshots/:id': getSnapshot,
  'POST snapshots': createSnapshot,
  'DELETE snapshots/:id': deleteSnapshot,
};
