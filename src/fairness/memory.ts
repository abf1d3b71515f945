import { type Claim, createClaims, type Holders } from './memory-claims.ts';

/** What memory is taken for: bodies of regions with the rows that come of them, decoded rows, answers. */
export type Kind = 'bodies' | 'rows' | 'answers';

/** Why there is no memory: the caller has its share already, or the gateway has none left. */
export type Shortage = 'ofCaller' | 'ofGateway';

/** How long a request may wait for memory. */
export interface Until {
  /** On the clock of `performance.now()`. */
  readonly deadline: number;
  readonly signal: AbortSignal;
}

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
  /** Told that work on what is held goes on: others wait for it then. */
  noteProgress(): void;
  /** The request is over: gives back everything but its answer, which may still be on its way. */
  release(): void;
  close(): void;
}

/** Memory that is taken for one thing. */
export interface Hold {
  /** Resolves when so many bytes more are held, to null; or else to what there is not enough of. */
  grow(bytes: number, until: Until): Promise<Shortage | null>;
  /** Gives back all but so many bytes. They are held as this kind from now on. */
  keep(bytes: number, kind?: Kind): void;
}

/** The part of the budget that one owner may hold. */
const share = 3 / 4;

/** Whose memory it is. */
export interface Owner {
  readonly holders: Holders;
  accounts: number;
  /** In bytes. */
  held: number;
}

/** @param budget in bytes. */
export function createMemory(budget: number): Memory {
  const owners = new Map<string, Owner>();
  const charged = { bodies: 0, rows: 0, answers: 0 };
  const most = budget * share;
  const holders: Holders = { count: 0, progressAt: performance.now() };

  const claims = createClaims({
    shortageFor({ owner, bytes }) {
      if (owner.held + bytes > most) return 'ofCaller';
      return charged.bodies + charged.rows + charged.answers + bytes > budget ? 'ofGateway' : null;
    },
    holdersFor: ({ owner }, shortage) => (shortage === 'ofCaller' ? owner.holders : holders),
  });

  function noteProgress(owner: Owner): void {
    holders.progressAt = performance.now();
    owner.holders.progressAt = holders.progressAt;
  }

  function ownerOf(name: string): Owner {
    const known = owners.get(name);
    if (known) return known;
    const owner = { holders: { count: 0, progressAt: performance.now() }, accounts: 0, held: 0 };
    owners.set(name, owner);
    return owner;
  }

  function open(name: string): Account {
    const owner = ownerOf(name);
    owner.accounts++;
    const held = { bodies: 0, rows: 0, answers: 0 };
    let isBegun = false;
    let isReleased = false;
    let isClosed = false;

    function add(kind: Kind, bytes: number): void {
      held[kind] += bytes;
      owner.held += bytes;
      charged[kind] += bytes;
    }

    /** What was given back with the account is not given back again. */
    function give(kind: Kind, bytes: number): void {
      const given = Math.min(bytes, held[kind]);
      if (given <= 0) return;
      add(kind, -given);
      noteProgress(owner);
      claims.grant();
    }

    /** Whether it holds anything large. */
    function setBegun(isNow: boolean): void {
      if (isBegun === isNow) return;
      isBegun = isNow;
      for (const each of [holders, owner.holders]) each.count += isNow ? 1 : -1;
    }

    const isOver = (kind: Kind) => (kind === 'answers' ? isClosed : isReleased);

    const account: Account = {
      count(kind, bytes) {
        if (!isOver(kind)) add(kind, bytes);
      },
      hold(kind) {
        return createHold(kind, { isOver, add, give, wait });
      },
      noteProgress: () => noteProgress(owner),
      release() {
        isReleased = true;
        claims.forget(account);
        give('bodies', held.bodies);
        give('rows', held.rows);
        if (held.answers === 0) setBegun(false);
      },
      close() {
        if (isClosed) return;
        isClosed = true;
        account.release();
        give('answers', held.answers);
        setBegun(false);
        if (--owner.accounts === 0) owners.delete(name);
      },
    };

    function wait(kind: Kind, bytes: number, until: Until): Promise<Shortage | null> {
      // What can never be given is not waited for.
      if (bytes > most) return Promise.resolve('ofCaller');
      return new Promise((resolve) => {
        const claim: Claim = {
          owner,
          account,
          kind,
          bytes,
          isBegun: () => isBegun,
          deadline: until.deadline,
          settle(shortage) {
            if (shortage === null) {
              add(kind, bytes);
              setBegun(true);
              noteProgress(owner);
            }
            resolve(shortage);
          },
        };
        claims.add(claim, until.signal);
      });
    }

    return account;
  }

  return {
    budget,
    open,
    charged,
    get waiting() {
      return claims.waiting;
    },
  };
}

function createHold(
  first: Kind,
  account: {
    isOver(kind: Kind): boolean;
    add(kind: Kind, bytes: number): void;
    give(kind: Kind, bytes: number): void;
    wait(kind: Kind, bytes: number, until: Until): Promise<Shortage | null>;
  },
): Hold {
  let kind = first;
  let held = 0;
  return {
    async grow(bytes, until) {
      if (account.isOver(kind)) return null;
      const shortage = await account.wait(kind, bytes, until);
      if (shortage === null) held += bytes;
      return shortage;
    },
    keep(bytes, as = kind) {
      const kept = Math.min(bytes, held);
      account.give(kind, held - kept);
      held = kept;
      if (as === kind) return;
      if (!account.isOver(kind)) {
        account.add(kind, -kept);
        account.add(as, kept);
      }
      kind = as;
    },
  };
}
