import type { Principal } from './principal.ts';

/**
 * Divides places among callers. One caller may have a part of them. Callers whose tokens no region has accepted yet may
 * have a smaller part each and a quarter together, so that invented tokens cannot shut out known callers. A request with several tokens
 * counts against each of them.
 */
export interface Shares {
  /** Whether a caller has as many places as any caller may have. */
  isUsedUp(principal: Principal): boolean;
  /** Takes a place out of the caller's share; returns what gives it back. */
  take(principal: Principal): () => void;
  /** Whether callers whose tokens no region has accepted yet have all that they may have together. */
  areUnknownUsedUp(): boolean;
  /** Whether a caller whose tokens no region has accepted yet may have one more place. */
  isOpenToUnknown(principal: Principal): boolean;
  /** Takes a place out of the share of such callers; returns what gives it back. */
  takeUnknown(principal: Principal): () => void;
  /** Told when a token has been accepted: its places count no longer among those of such callers. */
  readonly noteAccepted: () => void;
}

/** @param parts of the places that one caller may have: at most, and as long as no region has accepted its tokens. */
export function createShares(
  places: number,
  parts: { readonly each: number; readonly eachUnknown: number },
  isAccepted: (principal: Principal) => boolean,
): Shares {
  const most = {
    each: atLeastOne(places * parts.each),
    eachUnknown: atLeastOne(places * parts.eachUnknown),
    unknown: atLeastOne(places / 4),
  };
  const taken = createCount();
  const takenUnknown = createCount();
  const unknown = new Set<Principal>();

  function giveBackUnknown(principal: Principal): void {
    if (unknown.delete(principal)) takenUnknown.add(principal, -1);
  }

  return {
    isUsedUp: (principal) => taken.reaches(principal, most.each),
    take(principal) {
      taken.add(principal, 1);
      return () => taken.add(principal, -1);
    },
    areUnknownUsedUp: () => unknown.size >= most.unknown,
    isOpenToUnknown: (principal) => unknown.size < most.unknown && !takenUnknown.reaches(principal, most.eachUnknown),
    takeUnknown(principal) {
      unknown.add(principal);
      takenUnknown.add(principal, 1);
      return () => giveBackUnknown(principal);
    },
    noteAccepted() {
      for (const principal of unknown) if (isAccepted(principal)) giveBackUnknown(principal);
    },
  };
}

function atLeastOne(places: number): number {
  return Math.max(1, Math.floor(places));
}

/** How many places each token has; a token without any is forgotten. */
function createCount() {
  const counts = new Map<string, number>();
  return {
    reaches: ({ tokens }: Principal, most: number) => tokens.some((token) => (counts.get(token) ?? 0) >= most),
    add({ tokens }: Principal, more: 1 | -1): void {
      for (const token of tokens) {
        const own = (counts.get(token) ?? 0) + more;
        if (own === 0) counts.delete(token);
        else counts.set(token, own);
      }
    },
  };
}
