import { hash } from 'node:crypto';

/** Copies of answers, equal ones once. */
export interface Bodies {
  /** A copy of exactly these bytes: what came from a socket may be part of something larger. */
  hold(body: Buffer): Buffer;
  /** @param body as `hold` gave it. */
  release(body: Buffer): void;
}

export function createBodies(): Bodies {
  const held = new Map<string, { readonly body: Buffer; holders: number }>();
  const digests = new WeakMap<Buffer, string>();
  return {
    hold(body) {
      const digest = hash('sha256', body, 'base64');
      const known = held.get(digest);
      if (known) {
        known.holders++;
        return known.body;
      }
      const copy = Buffer.allocUnsafeSlow(body.length);
      body.copy(copy);
      held.set(digest, { body: copy, holders: 1 });
      digests.set(copy, digest);
      return copy;
    },
    release(body) {
      const digest = digests.get(body) ?? '';
      const known = held.get(digest);
      if (known && --known.holders === 0) held.delete(digest);
    },
  };
}
