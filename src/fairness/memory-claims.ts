import type { Account, Kind, Shortage } from './memory.ts';
import type { Owner } from './memory-account.ts';

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

/** The waiting claims, and the order in which they are granted. */
export interface Claims {
  /** Grants the claim at once, or lets it wait until memory is given back, its time is up or the signal aborts. */
  add(claim: Claim, signal: AbortSignal): void;
  /** Grants the waiting claims that fit. To be called whenever memory has been given back. */
  grant(): void;
  /** Refuses the waiting claims of an account. */
  forget(account: Account): void;
  readonly waiting: number;
}

/** The accounts that hold granted memory, of one owner or of all owners. */
export interface Holders {
  /** In the order of their first granted claim. */
  readonly accounts: Set<Account>;
  /** When one of them last made progress, on the clock of `performance.now()`. */
  progressAt: number;
}

export function createHolders(): Holders {
  return { accounts: new Set(), progressAt: performance.now() };
}

/** The account that has held memory for the longest time; null if none holds any. */
export function eldestOf({ accounts }: Holders): Account | null {
  const [eldest = null] = accounts;
  return eldest;
}

/**
 * Deadlock detection, in milliseconds. If every account that holds memory waits for more, and none has made progress for this
 * long, they wait for each other. One request is refused then, so that the others can continue.
 */
const standstillMs = 250;

/** A claim waits for this part of the time that its request has left. The rest is for using the memory. */
const waitedPart = 3 / 4;

/**
 * @param options.shortageFor the limit that a claim would exceed now; null if it can be granted.
 * @param options.holdersFor the accounts whose memory a claim waits for.
 * @param options.isEldest whether no other request has held memory for longer.
 */
export function createClaims({
  shortageFor,
  holdersFor,
  isEldest,
}: {
  shortageFor: (claim: Claim) => Shortage | null;
  holdersFor: (claim: Claim, shortage: Shortage) => Holders;
  isEldest: (account: Account) => boolean;
}): Claims {
  const waiting = new Map<Claim, (shortage: Shortage | null) => void>();
  let timer: NodeJS.Timeout | undefined;

  function grant(): void {
    if (waiting.size === 0) return;
    for (const claim of [...waiting.keys()].sort((a, b) => compare(a, b, isEldest))) {
      const shortage = shortageFor(claim);
      if (shortage === null) waiting.get(claim)?.(null);
      // Later claims must not take the memory that this one waits for. A claim beyond its owner’s share blocks no other.
      else if (shortage === 'ofGateway') return;
    }
  }

  /** In a deadlock, refuses the claims of one request: of the owner that holds most, the request with the latest deadline. */
  function refuseAtStandstill(): void {
    const now = performance.now();
    const claims = [...waiting.keys()];
    const stuck = claims.filter((claim) => {
      const shortage = shortageFor(claim) ?? 'ofGateway';
      const holders = holdersFor(claim, shortage);
      const others = shortage === 'ofGateway' ? claims : claims.filter(({ owner }) => owner === claim.owner);
      const begun = new Set(others.filter(({ account }) => account.isBegun()).map(({ account }) => account));
      return begun.size > 0 && begun.size >= holders.accounts.size && now - holders.progressAt >= standstillMs;
    });
    const [chosen] = stuck.sort((a, b) => b.owner.held - a.owner.held || b.deadline - a.deadline);
    if (chosen) refuseAll(chosen.account, shortageFor(chosen) ?? 'ofGateway');
  }

  function refuseAll(account: Account, shortage: Shortage): void {
    for (const [claim, end] of waiting) if (claim.account === account) end(shortage);
  }

  function watch(): void {
    // After a pause of the process, read the data that has arrived before looking for a deadlock.
    timer ??= setInterval(() => setImmediate(refuseAtStandstill), standstillMs).unref();
  }

  return {
    add(claim, signal) {
      const left = (claim.deadline - performance.now()) * waitedPart;
      if (signal.aborted || left <= 0) {
        claim.settle('ofGateway');
        return;
      }
      if (waiting.size === 0 && shortageFor(claim) === null) {
        claim.settle(null);
        return;
      }
      const giveUp = () => end(shortageFor(claim) ?? 'ofGateway');
      const end = (shortage: Shortage | null) => {
        waiting.delete(claim);
        clearTimeout(patience);
        signal.removeEventListener('abort', giveUp);
        claim.settle(shortage);
        // The refused claim may have blocked the claims behind it.
        if (shortage !== null) grant();
        if (waiting.size > 0) return;
        clearInterval(timer);
        timer = undefined;
      };
      const patience = setTimeout(giveUp, left);
      signal.addEventListener('abort', giveUp);
      waiting.set(claim, end);
      grant();
      if (waiting.size > 0) watch();
    },
    grant,
    forget: (account) => refuseAll(account, 'ofGateway'),
    get waiting() {
      return waiting.size;
    },
  };
}

/**
 * The order of claims: the eldest holder, then answers, then accounts that hold memory, then new requests. If every request
 * started and none finished, all would wait for each other. Among new requests the owner that holds least goes first. Ties go
 * to the earliest deadline.
 */
function compare(a: Claim, b: Claim, isEldest: (account: Account) => boolean): number {
  const rank = rankOf(a, isEldest);
  return rank - rankOf(b, isEldest) || (rank === last ? a.owner.held - b.owner.held : 0) || a.deadline - b.deadline;
}

/** The rank of accounts that hold nothing yet. */
const last = 3;

function rankOf({ kind, account }: Claim, isEldest: (account: Account) => boolean): number {
  if (isEldest(account)) return 0;
  if (kind === 'answers') return 1;
  return account.isBegun() ? 2 : last;
}
