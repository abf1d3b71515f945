import type { Account, Hold, Kind, Shortage } from './memory.ts';
import type { Claims } from './memory-claims.ts';
import type { Holders, Owner } from './memory-owner.ts';
import type { Until } from './until.ts';

/** What all accounts share: the counters, the waiting claims and the limit per owner. */
export interface Ledger {
  /** Bytes held by all accounts, by kind. */
  readonly charged: Record<Kind, number>;
  readonly holders: Holders;
  readonly claims: Claims;
  /** The most that one owner may hold, in bytes. */
  readonly most: number;
}

/** The account of one request. */
export class RequestAccount implements Account {
  readonly #ledger: Ledger;
  readonly #owner: Owner;
  readonly #onClose: () => void;
  readonly #held = { bodies: 0, rows: 0, answers: 0 };
  #retained = 0;
  /** What was called while the account was retained. */
  #ending: 'release' | 'close' | null = null;
  #isReleased = false;
  readonly #onRelease: (() => void)[] = [];
  #isClosed = false;
  #isBegun = false;

  constructor(ledger: Ledger, owner: Owner, onClose: () => void) {
    this.#ledger = ledger;
    this.#owner = owner;
    this.#onClose = onClose;
  }

  count(kind: Kind, bytes: number): void {
    if (!this.isOver(kind)) this.#add(kind, bytes);
  }

  hold(kind: Kind): Hold {
    return new RequestHold(this, kind);
  }

  noteProgress(): void {
    const now = performance.now();
    this.#ledger.holders.progressAt = now;
    this.#owner.holders.progressAt = now;
  }

  isBegun(): boolean {
    return this.#isBegun;
  }

  retain(): () => void {
    this.#retained++;
    return () => {
      if (--this.#retained > 0) return;
      if (this.#ending === 'close') this.close();
      else if (this.#ending === 'release') this.release();
    };
  }

  release(): void {
    if (this.#retained > 0) {
      this.#ending ??= 'release';
      return;
    }
    this.#isReleased = true;
    this.#ledger.claims.forget(this);
    this.give('bodies', this.#held.bodies);
    this.give('rows', this.#held.rows);
    // What is left is an answer that is being sent. It claims nothing more, so it must be neither the eldest holder nor count in
    // the detection of deadlocks.
    this.#setBegun(false);
    for (const free of this.#onRelease) free();
    this.#onRelease.length = 0;
  }

  onRelease(free: () => void): void {
    if (this.#isReleased) free();
    else this.#onRelease.push(free);
  }

  close(): void {
    if (this.#retained > 0) {
      this.#ending = 'close';
      return;
    }
    if (this.#isClosed) return;
    this.#isClosed = true;
    this.release();
    this.give('answers', this.#held.answers);
    this.#setBegun(false);
    this.#onClose();
  }

  /** Whether charging for a kind has ended: for answers after `close`, for everything else after `release`. */
  isOver(kind: Kind): boolean {
    return kind === 'answers' ? this.#isClosed : this.#isReleased;
  }

  /** Claims bytes. Resolves to null once they are charged, or to the reason if they are refused. */
  take(kind: Kind, bytes: number, { deadline, signal }: Until, onTaken: () => void): Promise<Shortage | null> {
    // More than one owner may hold can never be granted, so it need not wait.
    if (bytes > this.#ledger.most) return Promise.resolve('ofCaller');
    return new Promise((resolve) => {
      const settle = (shortage: Shortage | null) => {
        if (shortage === null) {
          this.#add(kind, bytes);
          // At once: a hold that is emptied in the same tick must give these bytes back too.
          onTaken();
          this.#setBegun(true);
          this.noteProgress();
        }
        resolve(shortage);
      };
      this.#ledger.claims.add({ owner: this.#owner, account: this, kind, bytes, deadline, settle }, signal);
    });
  }

  /** Gives bytes back, except those that `release` or `close` has given back already. */
  give(kind: Kind, bytes: number): void {
    const given = Math.min(bytes, this.#held[kind]);
    if (given <= 0) return;
    this.#add(kind, -given);
    this.noteProgress();
    if (this.#held.bodies + this.#held.rows + this.#held.answers === 0) this.#setBegun(false);
    this.#ledger.claims.grant();
  }

  /** Charges the bytes as another kind from now on. */
  move(from: Kind, to: Kind, bytes: number): void {
    if (this.isOver(from)) return;
    this.#add(from, -bytes);
    this.#add(to, bytes);
  }

  #add(kind: Kind, bytes: number): void {
    this.#held[kind] += bytes;
    this.#owner.held += bytes;
    this.#ledger.charged[kind] += bytes;
  }

  #setBegun(isBegun: boolean): void {
    if (this.#isBegun === isBegun) return;
    this.#isBegun = isBegun;
    for (const { accounts } of [this.#ledger.holders, this.#owner.holders]) {
      if (isBegun) accounts.add(this);
      else accounts.delete(this);
    }
  }
}

class RequestHold implements Hold {
  readonly #account: RequestAccount;
  #kind: Kind;
  #bytes = 0;

  constructor(account: RequestAccount, kind: Kind) {
    this.#account = account;
    this.#kind = kind;
  }

  async grow(bytes: number, until: Until): Promise<Shortage | null> {
    if (this.#account.isOver(this.#kind)) return null;
    return this.#account.take(this.#kind, bytes, until, () => {
      this.#bytes += bytes;
    });
  }

  keep(bytes: number, kind = this.#kind): void {
    const kept = Math.min(bytes, this.#bytes);
    this.#account.give(this.#kind, this.#bytes - kept);
    if (kind !== this.#kind) this.#account.move(this.#kind, kind, kept);
    this.#bytes = kept;
    this.#kind = kind;
  }
}
