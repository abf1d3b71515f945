import type { Principal } from './principal.ts';

/**
 * Divides something among callers: places, or work. One caller may have a part of it. Callers whose tokens no region has
 * accepted yet may have a smaller part each and a quarter together, so that invented tokens cannot shut out known callers.
 * A request with several tokens counts against each of them. A caller who has nothing yet may always have some.
 */
export interface Shares {
  /** Whether a caller would have more than any caller may have, with so much more. */
  isUsedUp(principal: Principal, more: number): boolean;
  /** Adds to what a caller has; takes away where the amount is negative. */
  add(principal: Principal, amount: number): void;
  /** Whether a caller whose tokens no region has accepted yet may have so much more. */
  isOpenToUnknown(principal: Principal, more: number): boolean;
  /** Adds to what such a caller has, or takes away. Nothing is left to take away when its token has been accepted. */
  addUnknown(principal: Principal, amount: number): void;
  /** Told when a token has been accepted: what it has counts no longer as that of such callers. */
  readonly noteAccepted: () => void;
}

/** The part of all callers together whose tokens no region has accepted yet. */
const unknownPart = 1 / 4;

/** @param parts that one caller may have: at most, and as long as no region has accepted its tokens. */
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
      if (own !== undefined || amount > 0) setUnknown(principal, (own ?? 0) + amount);
    },
    noteAccepted() {
      for (const principal of unknown.keys()) if (isAccepted(principal)) setUnknown(principal, 0);
    },
  };
}

/** How much each token has; a token without anything is forgotten. */
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
