import type { IncomingHttpHeaders } from 'node:http';
import { LRUCache } from 'lru-cache';
import { createDigest } from '../digest.ts';
import { tokensIn } from '../identity.ts';
import type { RegionTable } from '../regions.ts';

/**
 * Whose request it is, for everything that is shared among callers: a digest of each distinct token that it carries,
 * whichever header holds the token and however it is spelled. Nothing is checked: tokens are the regions' to judge. Each
 * request has a principal of its own.
 */
export interface Principal {
  readonly tokens: readonly string[];
}

export interface Principals {
  of(headers: IncomingHttpHeaders): Principal;
  /** Whether a region has accepted one of the tokens, within the last hour. */
  readonly isAccepted: (principal: Principal) => boolean;
  /** Whether that holds for each token, and for some time to come. */
  areAllAccepted(principal: Principal): boolean;
  /** By whom the work for a request is counted: one of its accepted tokens; all requests without one count as one. */
  ownerOf(principal: Principal): string;
  /** The same for a token that a region is asked with again and again. */
  readonly ownerOfToken: (token: string) => string;
  /** Told when a region has answered a call with this token as it answers valid ones. */
  readonly noteAccepted: (token: string) => void;
  /** The listener is called when a token is accepted that was not. */
  onAccepted(listener: () => void): void;
}

/** Accepted tokens that are remembered, as digests, the least recently seen forgotten first; and for how long. */
const memory = { max: 50_000, ttl: 3_600_000, ttlResolution: 1000 };

/** The owner of all requests without an accepted token. */
export const unknownOwner = '';

export function createPrincipals(regions: RegionTable): Principals {
  const digest = createDigest();
  const accepted = new LRUCache<string, true>(memory);
  const listeners: (() => void)[] = [];
  return {
    of: (headers) => ({ tokens: tokensIn(headers, regions).map((token) => digest([token])) }),
    isAccepted: ({ tokens }) => tokens.some((token) => accepted.get(token)),
    areAllAccepted: ({ tokens }) => tokens.every((token) => accepted.getRemainingTTL(token) > memory.ttl / 2),
    ownerOf({ tokens }) {
      let owner = unknownOwner;
      for (const token of tokens) if (accepted.has(token) && (owner === unknownOwner || token < owner)) owner = token;
      return owner;
    },
    ownerOfToken: (token) => digest([token]),
    noteAccepted(token) {
      const key = digest([token]);
      const isNew = !accepted.has(key);
      accepted.set(key, true);
      if (isNew) for (const listener of listeners) listener();
    },
    onAccepted: (listener) => void listeners.push(listener),
  };
}
