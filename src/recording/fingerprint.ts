import { createCipheriv, createSecretKey, randomBytes, timingSafeEqual } from 'node:crypto';
import { bytesOf } from '../upstream/answer-body.ts';
import type { Caller, UpstreamAnswer } from '../upstream/send.ts';

/** What a record holds of a response body, to find out whether a later body is the same. */
export interface Fingerprint {
  /** Size of the body. */
  readonly bytes: number;
  /** A copy of a small body, or the tag of a larger one. */
  readonly mark: Buffer;
}

/**
 * Makes and compares fingerprints. A long body is read in steps, and the caller waits for its turn between two steps.
 */
export interface Fingerprints {
  /** Null if the caller's time is up, or the caller has left. */
  of(answer: UpstreamAnswer, caller: Caller): Fingerprint | Promise<Fingerprint | null>;
  /** False also if the caller's time is up, or the caller has left. */
  matches(answer: UpstreamAnswer, fingerprint: Fingerprint, caller: Caller): boolean | Promise<boolean>;
}

/**
 * In bytes. A body up to this size, such as a single volume, is kept: to compare it takes 0.1 µs, to make a tag 2.5 µs.
 * Larger bodies would be compared faster too, but the store has no memory for them.
 */
const copiedBytes = 2 * 1024;

/** In bytes. To read a step takes about half a millisecond. */
const tagStepBytes = 4 * 1024 * 1024;

const nonce = Buffer.alloc(12);

/**
 * The tag is a GMAC (AES-128-GCM without a text) under a random key of this process. Two different bodies of 32 MiB have
 * the same tag with a probability of 2⁻¹⁰⁷, shorter ones with a lower one. To search for such bodies one needs the key or
 * tags. Neither leaves the process, and a comparison shows only whether two bodies are the same. Therefore one nonce for all
 * tags is safe. It would not be safe if a tag were ever revealed.
 *
 * A body of 1.2 MB takes 0.09 ms. To compare its bytes takes 0.14 ms, HMAC-SHA-256 0.74, SHA-256 behind a key 0.73, BLAKE2b
 * 1.2 and BLAKE2s 1.9 ms: as long as everything else that a replayed list of 1,000 rows costs, or longer.
 */
export function createFingerprints(): Fingerprints {
  const key = createSecretKey(randomBytes(16));

  async function tagOf({ chunks }: UpstreamAnswer, caller: Caller): Promise<Buffer | null> {
    const gmac = createCipheriv('aes-128-gcm', key, nonce);
    let sinceTurn = 0;
    for (const chunk of chunks) {
      for (let at = 0; at < chunk.length; at += tagStepBytes) {
        const step = chunk.subarray(at, at + tagStepBytes);
        sinceTurn += step.length;
        if (sinceTurn > tagStepBytes) {
          const turn = caller.turns.goOn(caller.owner, caller);
          if (turn && !(await turn)) return null;
          sinceTurn = step.length;
        }
        gmac.setAAD(step);
      }
    }
    gmac.final();
    return gmac.getAuthTag();
  }

  return {
    of(answer, caller) {
      const bytes = bytesOf(answer);
      if (bytes <= copiedBytes) return { bytes, mark: copyOf(answer, bytes) };
      return tagOf(answer, caller).then((mark) => mark && { bytes, mark });
    },
    matches(answer, { bytes, mark }, caller) {
      if (bytesOf(answer) !== bytes) return false;
      if (bytes <= copiedBytes) return isCopy(answer, mark);
      return tagOf(answer, caller).then((tag) => tag !== null && timingSafeEqual(tag, mark));
    },
  };
}

/** An exact copy: a chunk, and what `concat` returns, may be a small part of a slab that it would keep in memory. */
function copyOf({ chunks }: UpstreamAnswer, bytes: number): Buffer {
  const copy = Buffer.allocUnsafeSlow(bytes);
  let at = 0;
  for (const chunk of chunks) at += chunk.copy(copy, at);
  return copy;
}

function isCopy({ chunks }: UpstreamAnswer, body: Buffer): boolean {
  let at = 0;
  for (const chunk of chunks) {
    if (body.compare(chunk, 0, chunk.length, at, at + chunk.length) !== 0) return false;
    at += chunk.length;
  }
  return true;
}
