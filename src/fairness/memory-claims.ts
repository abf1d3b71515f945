import type { Account, Kind, Shortage } from './memory.ts';
import type { Owner } from './memory-account.ts';

/** A piece of work that asks for memory. */
export interface Claim {
  readonly owner: Owner;
  readonly account: Account;
  readonly kind: Kind;
  readonly bytes: number;
  /** Of its request, on the clock of `performance.now()`. */
  readonly deadline: number;
  /** Told once: null takes the memory. */
  readonly settle: (shortage: Shortage | null) => void;
}

/** The claims that wait, and which of them is next. */
export interface Claims {
  /** Grants the claim now, or lets it wait: until others give back, its time is up or the signal aborts. */
  add(claim: Claim, signal: AbortSignal): void;
  /** Grants what can be granted. To be called whenever memory was given back. */
  grant(): void;
  /** Ends the claims of an account. */
  forget(account: Account): void;
  readonly waiting: number;
}

/** Requests that hold memory, of one owner or all. */
export interface Holders {
  /** In the order in which they began. */
  readonly accounts: Set<Account>;
  /** When the work of one of them last went on, on the clock of `performance.now()`. */
  progressAt: number;
}

export function createHolders(): Holders {
  return { accounts: new Set(), progressAt: performance.now() };
}

/** The request that has held memory for longest; null if none holds any. */
export function eldestOf({ accounts }: Holders): Account | null {
  const [eldest = null] = accounts;
  return eldest;
}

/**
 * When all who hold memory wait for more, and nothing has gone on for so long, in milliseconds, they wait for each
 * other. One of them is refused then, so that the others can go on.
 */
const standstillMs = 250;

/** Part of the time that its request has left for which a claim waits. The rest is for what is done with the memory. */
const waitedPart = 3 / 4;

/**
 * @param options.shortageFor what there is not enough of for a claim; null where it can be granted.
 * @param options.holdersFor whom it waits for then.
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
      // Nobody behind it may take what it waits for. An owner who has its share keeps nobody else waiting.
      else if (shortage === 'ofGateway') return;
    }
  }

  /** Refuses the youngest request that waits, of the owner that holds most, where nothing goes on any more. */
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
    // What has arrived while this process was busy is read first.
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
        // It may have kept those behind it waiting.
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
 * Requests that hold memory are finished first: the eldest, then those that write their answers. If all began and none
 * were finished, all would wait for each other. Of the requests that hold nothing, those of the owner that holds least go
 * first. Otherwise the request with the least time left goes first.
 */
function compare(a: Claim, b: Claim, isEldest: (account: Account) => boolean): number {
  const rank = rankOf(a, isEldest);
  return rank - rankOf(b, isEldest) || (rank === last ? a.owner.held - b.owner.held : 0) || a.deadline - b.deadline;
}

const last = 3;

function rankOf({ kind, account }: Claim, isEldest: (account: Account) => boolean): number {
  if (isEldest(account)) return 0;
  if (kind === 'answers') return 1;
  return account.isBegun() ? 2 : last;
}
