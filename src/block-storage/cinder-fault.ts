import { bytesOf, jsonOf } from '../upstream/answer-body.ts';
import type { UpstreamAnswer } from '../upstream/send.ts';
import { decodeText, isObject } from './decode.ts';

/** Why Cinder has refused a request, in the body of its answer. */
export interface CinderFault {
  /** `itemNotFound`, `badRequest`, … (FACTS 1) */
  readonly name: string;
  readonly message: string;
}

/** `{"itemNotFound": {"code": 404, "message": …}}` (FACTS 1); null for any other body. */
export function decodeFault(answer: UpstreamAnswer): CinderFault | null {
  const body = decodeBody(answer);
  const [entry] = isObject(body) ? Object.entries(body) : [];
  const [name, fault] = entry ?? ['', null];
  if (!isObject(fault) || !('message' in fault)) return null;
  return { name, message: decodeText(fault.message) ?? '' };
}

/** The JSON of a body; undefined for any other body. */
export function decodeBody(answer: UpstreamAnswer): unknown {
  if (answer.contentType !== 'application/json' || bytesOf(answer) > maxFaultBytes) return undefined;
  try {
    return JSON.parse(jsonOf(answer).toString());
  } catch {
    return undefined;
  }
}

/** In bytes. A fault is parsed in one step, and none of Cinder's is larger. */
const maxFaultBytes = 256 * 1024;

/** The member that a message names as wrong; null where it names none. */
export function memberIn(message: string): string | null {
  for (const [pattern, member] of memberPatterns) {
    const found = pattern.exec(message);
    if (found) return member ?? found[1] ?? null;
  }
  return null;
}

/** How messages name the member that is wrong (FACTS 5, 7, 10; cinder/api/validation). */
const memberPatterns: readonly (readonly [RegExp, string?])[] = [
  [/^Invalid input for field\/attribute (\w{1,40})\./],
  [/^Invalid input received: (\w{1,40}) has \d+ characters/],
  [/^Invalid input received: Volume size /, 'size'],
  [/^Invalid input received: Invalid volume_type /, 'volume_type'],
  [/^Availability zone '/, 'availability_zone'],
];

/** The characters of a message that are read: looking for a pattern takes time with the square of them. */
const maxRead = 1000;

/* oxlint-disable redos/no-vulnerable -- they take time with the square of the text, which has 1000 characters at most */

/** Hides what names hosts inside the provider's network (FACTS 8); keeps the rest, 500 characters at most. */
export function withoutAddresses(message: string): string {
  return message
    .slice(0, maxRead)
    .replace(/\b[a-z][a-z0-9+.-]*:\/\/[^\s'")\]]+/gi, '…')
    .replace(/\b\d{1,3}(\.\d{1,3}){3}(:\d+)?\b/g, '…')
    .replace(/\[[0-9a-f:.]{2,}\](:\d+)?|\b[0-9a-f:]*::[0-9a-f:]*|\b[0-9a-f]{1,4}(:[0-9a-f]{1,4}){7}\b/gi, '…')
    .replace(/\b(host|port)=\S+/gi, '…')
    .replace(/\b[a-z][\w.-]*:\d{2,5}\b/gi, '…')
    .replace(/\b[a-z][\w-]*(\.[a-z][\w-]*){2,}\b/gi, '…')
    .slice(0, 500);
}

/* oxlint-enable redos/no-vulnerable */
