import { UpstreamError } from './error.ts';
import type { Layer } from './send.ts';

/** Refuses what one request asks for beyond its calls: scans, cursors and retries make more than were estimated. */
export const boundCalls: Layer = (next) => (request, caller) =>
  caller.calls.take() ? next(request, caller) : Promise.reject(new UpstreamError('outOfCalls', request));
