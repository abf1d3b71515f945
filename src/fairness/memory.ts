import { type Ledger, OneAccount, type Owner } from './memory-account.ts';
import { type Claim, createClaims, createHolders, eldestOf, type Holders } from './memory-claims.ts';
import type { Until } from './until.ts';

/** What memory is taken for: bodies of regions with the rows that come of them, decoded rows, answers. */
export type Kind = 'bodies' | 'rows' | 'answers';

/** Why there is no memory: the caller has its share already, or the gateway has none left. */
export type Shortage = 'ofCaller' | 'ofGateway';

/**
 * The memory for the work on requests, counted in bytes. It is divided among owners: whoever holds least is given
 * memory first, and nobody gets more than a share. Who asks for more than there is waits until others give back.
 */
export interface Memory {
  /** In bytes. */
  readonly budget: number;
  open(owner: string): Account;
  /** Bytes that are held of a kind. */
  readonly charged: Readonly<Record<Kind, number>>;
  /** Pieces of work that wait for memory. */
  readonly waiting: number;
}

/** What one request holds. All of it is given back when it is closed, and nothing is charged after that. */
export interface Account {
  /** Counts what is small. It neither waits nor fails, because the number of requests bounds it. */
  count(kind: Kind, bytes: number): void;
  /** For what is large; holds nothing yet. */
  hold(kind: Kind): Hold;
  /** To be called when work on what is held goes on: others wait for it then. */
  noteProgress(): void;
  /** Whether it holds anything large. */
  isBegun(): boolean;
  /**
   * Delays `release` and `close` until the returned function is called: for a call that other requests share, and that uses
   * this account.
   */
  retain(): () => void;
  /** The request is over: gives back everything but its answer, which may still be on its way. */
  release(): void;
  close(): void;
}

/** Memory that is taken for one thing. */
export interface Hold {
  /** Takes more bytes. Resolves to null once they are held, or to the reason if they are refused. */
  grow(bytes: number, until: Until): Promise<Shortage | null>;
  /** Keeps this number of bytes, as this kind from now on, and gives back the rest. */
  keep(bytes: number, kind?: Kind): void;
}

/** The part of the budget that one owner may hold. */
const share = 3 / 4;

/**
 * The part of the budget, and of an owner's share, that all requests may fill. The rest is for answers and for the request
 * that has held memory for longest: so one request after the other is finished and gives back what it holds, even if all
 * of them need more than there is.
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

/** The part of a limit that may be filled for a claim, beside those who hold memory already. */
function partFor({ kind, account }: Claim, holders: Holders): number {
  const eldest = eldestOf(holders);
  return kind === 'answers' || eldest === null || eldest === account ? 1 : partForAll;
}
