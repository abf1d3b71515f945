import type { IncomingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';
import { createDigest } from '../../digest.ts';
import type { RegionTable } from '../../regions.ts';
import { tokensIn } from '../credentials.ts';

/**
 * The caller of a request, for everything that is shared among callers: a digest of each distinct token in the request,
 * whichever header holds it and however the header is spelled. The tokens are not validated; only regions can do that. Each
 * request has its own `Principal` object.
 */
export interface Principal {
  readonly tokens: readonly string[];
  /** True once a region has accepted one of the tokens. It stays so for the rest of the request. */
  isAccepted?: boolean;
}

export interface Principals {
  of(headers: IncomingHttpHeaders): Principal;
  /** Whether a region has accepted one of the tokens, within the last hour. */
  readonly isAccepted: (principal: Principal) => boolean;
  /** Whether regions have accepted each of the tokens, within the last half hour. */
  areAllAccepted(principal: Principal): boolean;
  /** The owner to which a request’s work is charged: one of its accepted tokens. All requests without one have one owner. */
  ownerOf(principal: Principal): string;
  /** The owner to which the polls with a token are charged. */
  readonly ownerOfToken: (token: string) => string;
  /** To be called when a region has accepted a token: it has answered a call with 2xx. */
  readonly noteAccepted: (token: string) => void;
  /** The listener is called when a token is accepted for the first time, or again after it was forgotten. */
  onAccepted(listener: () => void): void;
}

/** How many accepted tokens are remembered, as digests, and for how long. The least recently used is forgotten first. */
const memory = { max: 50_000, ttl: 3_600_000, ttlResolution: 1000 };

/** The owner of all requests without an accepted token. */
export const unknownOwner = '';

export function createPrincipals(regions: RegionTable): Principals {
  const digest = createDigest();
  const accepted = new LRUCache<string, true>(memory);
  const listeners: (() => void)[] = [];

  /** Remembered by the principal: one request asks a dozen times. */
  function isAccepted(principal: Principal): boolean {
    principal.isAccepted ||= principal.tokens.some((token) => accepted.get(token));
    return principal.isAccepted;
  }

  return {
    of: (headers) => ({ tokens: tokensIn(headers, regions).map((token) => digest([token])), isAccepted: false }),
    isAccepted,
    areAllAccepted: ({ tokens }) => tokens.every((token) => accepted.getRemainingTTL(token) > memory.ttl / 2),
    ownerOf(principal) {
      const { tokens } = principal;
      const [first = unknownOwner] = tokens;
      if (tokens.length <= 1) return isAccepted(principal) ? first : unknownOwner;
      let owner = unknownOwner;
      for (const token of tokens) if (accepted.has(token) && (owner === unknownOwner || token < owner)) owner = token;
      return owner;
    },
    ownerOfToken(token) {
      const key = digest([token]);
      return accepted.has(key) ? key : unknownOwner;
    },
    noteAccepted(token) {
      const key = digest([token]);
      const isNew = !accepted.has(key);
      accepted.set(key, true);
      if (isNew) for (const listener of listeners) listener();
    },
    onAccepted: (listener) => void listeners.push(listener),
  };
}
