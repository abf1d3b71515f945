import type { Account, Kind, Shortage } from './memory.ts';
import type { Holders, Owner } from './memory-owner.ts';

/** One account’s claim to more memory. */
export interface Claim {
  readonly owner: Owner;
  readonly account: Account;
  readonly kind: Kind;
  readonly bytes: number;
  /** The deadline of the request, on the clock of `performance.now()`. */
  readonly deadline: number;
  /** Called once with the outcome. If it is null, the claim is granted, and this function charges the bytes. */
  readonly settle: (shortage: Shortage | null) => void;
}

/** What claims are decided by. */
export interface Limits {
  /** The limit that a claim would exceed now; null if it can be granted. */
  readonly shortageFor: (claim: Claim) => Shortage | null;
  /** The accounts whose memory a claim waits for. */
  readonly holdersFor: (claim: Claim, shortage: Shortage) => Holders;
  /** Whether no other request has held memory for longer. */
  readonly isEldest: (account: Account) => boolean;
}

/**
 * Deadlock detection, in milliseconds. If every account that holds memory waits for more, and none has made progress for this
 * long, they wait for each other. One request is refused then, so that the others can continue.
 */
export const standstillMs = 250;

/** In a deadlock, the claim to refuse: of the owner that holds most, the one with the latest deadline. Null without one. */
export function stuckClaim(claims: readonly Claim[], { shortageFor, holdersFor }: Limits): Claim | null {
  const now = performance.now();
  const stuck = claims.filter((claim) => {
    const shortage = shortageFor(claim) ?? 'ofGateway';
    const holders = holdersFor(claim, shortage);
    const others = shortage === 'ofGateway' ? claims : claims.filter(({ owner }) => owner === claim.owner);
    const begun = new Set(others.filter(({ account }) => account.isBegun()).map(({ account }) => account));
    return begun.size > 0 && begun.size >= holders.accounts.size && now - holders.progressAt >= standstillMs;
  });
  const [chosen = null] = stuck.sort((a, b) => b.owner.held - a.owner.held || b.deadline - a.deadline);
  return chosen;
}

/**
 * The order of claims: the eldest holder, then answers, then accounts that hold memory, then new requests. If every request
 * started and none finished, all would wait for each other. Among new requests the owner that holds least goes first. Ties go
 * to the earliest deadline.
 */
export function compareClaims(a: Claim, b: Claim, limits: Limits): number {
  const rank = rankOf(a, limits);
  return rank - rankOf(b, limits) || (rank === last ? a.owner.held - b.owner.held : 0) || a.deadline - b.deadline;
}

/** The rank of accounts that hold nothing yet. */
const last = 3;

function rankOf({ kind, account }: Claim, { isEldest }: Limits): number {
  if (isEldest(account)) return 0;
  if (kind === 'answers') return 1;
  return account.isBegun() ? 2 : last;
}
