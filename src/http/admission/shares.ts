import type { Principal } from './principal.ts';

/**
 * Divides a total, such as a number of requests, into shares per caller. Callers whose tokens no region has accepted yet
 * have a smaller share each and a quarter together, so that invented tokens cannot shut out known callers. A request with
 * several tokens counts against each of them. The first amount of a caller always fits into its share.
 */
export interface Shares {
  /** Whether `more` would exceed the caller's share. */
  isUsedUp(principal: Principal, more: number): boolean;
  /** Adds an amount to what the caller holds; a negative one is given back. */
  add(principal: Principal, amount: number): void;
  /** Whether `more` fits into the share of a caller whose tokens no region has accepted yet. */
  isOpenToUnknown(principal: Principal, more: number): boolean;
  /** The same as `add` for such a caller. Does nothing once the token has been accepted and its amount was released. */
  addUnknown(principal: Principal, amount: number): void;
  /** To be called when a token has been accepted: releases what it holds of the share of such callers. */
  readonly noteAccepted: () => void;
}

/** The share of all callers together whose tokens no region has accepted yet. */
const unknownPart = 1 / 4;

/**
 * @param all the total that is divided, now.
 * @param parts one caller's share of it; `eachUnknown` while no region has accepted its tokens.
 */
export function createShares(
  all: () => number,
  parts: { readonly each: number; readonly eachUnknown: number },
  isAccepted: (principal: Principal) => boolean,
): Shares {
  const most = (part: number) => Math.max(1, Math.floor(all() * part));
  const taken = createAmounts();
  const takenUnknown = createAmounts();
  const unknown = new Map<Principal, number>();
  let unknownTogether = 0;

  function setUnknown(principal: Principal, amount: number): void {
    const more = amount - (unknown.get(principal) ?? 0);
    unknownTogether += more;
    takenUnknown.add(principal, more);
    if (amount > 0) unknown.set(principal, amount);
    else unknown.delete(principal);
  }

  return {
    isUsedUp: (principal, more) => taken.exceeds(principal, more, most(parts.each)),
    add: (principal, amount) => taken.add(principal, amount),
    isOpenToUnknown: (principal, more) =>
      (unknownTogether === 0 || unknownTogether + more <= most(unknownPart)) &&
      !takenUnknown.exceeds(principal, more, most(parts.eachUnknown)),
    addUnknown(principal, amount) {
      const own = unknown.get(principal);
      // A token may be forgotten while it holds something: then less was added here than is given back.
      if (own !== undefined || amount > 0) setUnknown(principal, Math.max(0, (own ?? 0) + amount));
    },
    noteAccepted() {
      for (const principal of unknown.keys()) if (isAccepted(principal)) setUnknown(principal, 0);
    },
  };
}

/** The amount that each token holds. Tokens that hold nothing are removed. */
function createAmounts() {
  const amounts = new Map<string, number>();
  return {
    exceeds: ({ tokens }: Principal, more: number, most: number) =>
      tokens.some((token) => {
        const own = amounts.get(token) ?? 0;
        return own > 0 && own + more > most;
      }),
    add({ tokens }: Principal, amount: number): void {
      for (const token of tokens) {
        const own = (amounts.get(token) ?? 0) + amount;
        if (own <= 0) amounts.delete(token);
        else amounts.set(token, own);
      }
    },
  };
}
