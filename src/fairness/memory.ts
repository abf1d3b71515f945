import { type Ledger, OneAccount, type Owner } from './memory-account.ts';
import { type Claim, createClaims, createHolders, eldestOf, type Holders } from './memory-claims.ts';
import type { Until } from './until.ts';

/** What memory is used for: responses of regions (body and decoded rows together), decoded rows, and answers to clients. */
export type Kind = 'bodies' | 'rows' | 'answers';

/** Why memory is refused: the caller’s share is used up, or the gateway’s budget is. */
export type Shortage = 'ofCaller' | 'ofGateway';

/**
 * The memory for the work on requests, counted in bytes and divided among owners: the owner that holds least gets memory
 * first, and none gets more than a share. If too little is left, a request waits until others give memory back.
 */
export interface Memory {
  /** In bytes. */
  readonly budget: number;
  open(owner: string): Account;
  /** Bytes held by all accounts, by kind. */
  readonly charged: Readonly<Record<Kind, number>>;
  /** The number of claims that wait for memory. */
  readonly waiting: number;
}

/** The memory of one request. `close` gives all of it back, and nothing is charged after that. */
export interface Account {
  /** Charges a small amount. It never waits and is never refused, so something else must bound the number of such amounts. */
  count(kind: Kind, bytes: number): void;
  /** Creates a hold for a large amount. It is empty until it grows. */
  hold(kind: Kind): Hold;
  /** Reports progress of this request, so that claims which wait for its memory are not taken for a deadlock. */
  noteProgress(): void;
  /** Whether it holds memory that was granted to a claim. Counted memory does not matter here. */
  isBegun(): boolean;
  /**
   * Delays `release` and `close` until the returned function is called: for a call that other requests share, and that uses
   * this account.
   */
  retain(): () => void;
  /** To be called when the request is over: gives back everything but the answer, which may still be being sent. */
  release(): void;
  close(): void;
}

/** The memory of one response or one answer. */
export interface Hold {
  /** Takes more bytes. Resolves to null once they are held, or to the reason if they are refused. */
  grow(bytes: number, until: Until): Promise<Shortage | null>;
  /** Keeps this number of bytes, charged as `kind` from now on, and gives back the rest. */
  keep(bytes: number, kind?: Kind): void;
}

/** The part of the budget that one owner may hold. */
const share = 3 / 4;

/**
 * The part of the budget, and of an owner's share, that ordinary claims may fill. The rest is reserved for answers and for the
 * account that has held memory for the longest time, so that at least one request can always finish and give its memory back.
 */
const partForAll = 7 / 8;

/** @param budget in bytes. */
export function createMemory(budget: number): Memory {
  const owners = new Map<string, Owner>();
  const charged = { bodies: 0, rows: 0, answers: 0 };
  const holders = createHolders();
  const most = budget * share;
  const claims = createClaims({
    shortageFor(claim) {
      const { owner, bytes } = claim;
      if (owner.held + bytes > most * partFor(claim, owner.holders)) return 'ofCaller';
      const held = charged.bodies + charged.rows + charged.answers;
      return held + bytes > budget * partFor(claim, holders) ? 'ofGateway' : null;
    },
    isEldest: (account) => eldestOf(holders) === account,
    holdersFor: ({ owner }, shortage) => (shortage === 'ofCaller' ? owner.holders : holders),
  });
  const ledger: Ledger = { charged, holders, claims, most };

  return {
    budget,
    charged,
    open(name) {
      const owner = owners.get(name) ?? { holders: createHolders(), accounts: 0, held: 0 };
      owners.set(name, owner);
      owner.accounts++;
      return new OneAccount(ledger, owner, () => {
        if (--owner.accounts === 0) owners.delete(name);
      });
    },
    get waiting() {
      return claims.waiting;
    },
  };
}

/** The part of a limit that a claim may fill: all of it for answers, for the eldest holder, and if nothing is held. */
function partFor({ kind, account }: Claim, holders: Holders): number {
  const eldest = eldestOf(holders);
  return kind === 'answers' || eldest === null || eldest === account ? 1 : partForAll;
}
