import { createHash, hash } from 'node:crypto';
import { setImmediate as nextTurn } from 'node:timers/promises';
import { graphqlResponse } from '../operation.ts';

/** In bytes. A larger body is hashed in parts of this size, one per iteration of the event loop; each takes about 1 ms. */
const largeBytes = 1024 * 1024;

const digests = new WeakMap<Buffer, string>();

/**
 * The ETag of a body; later for a large one. Equal bytes have the same ETag on every replica. That of a small body is cached,
 * because recorded answers are sent repeatedly.
 */
export function etagOf(body: Buffer, contentType: string): string | Promise<string> {
  if (body.length > largeBytes) return etagOfLarge(body, contentType);
  const digest = digests.get(body) ?? hash('sha256', body, 'base64url');
  digests.set(body, digest);
  return tagOf(digest, contentType);
}

/** Whether `If-None-Match` names the ETag. A proxy that compresses makes it weak, and that matches too (RFC 9110, 13.1.2). */
export function isNamed(etag: string, held = ''): boolean {
  return held.trim() === '*' || held.split(',').some((tag) => tag.trim().replace(/^W\//, '') === etag);
}

async function etagOfLarge(body: Buffer, contentType: string): Promise<string> {
  const digest = createHash('sha256');
  for (let at = 0; at < body.length; at += largeBytes) {
    await nextTurn();
    digest.update(body.subarray(at, at + largeBytes));
  }
  return tagOf(digest.digest('base64url'), contentType);
}

/** The same bytes in another type are another representation, so a strong ETag differs (RFC 9110, 8.8.1). */
function tagOf(digest: string, contentType: string): string {
  return contentType.startsWith(graphqlResponse) ? `"${digest}.graphql"` : `"${digest}"`;
}
