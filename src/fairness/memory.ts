import type { Until } from './until.ts';

/** What memory is used for: responses of regions (body and decoded rows together), decoded rows, and answers to clients. */
export type Kind = 'bodies' | 'rows' | 'answers';

/** Why memory is refused: the caller’s share is used up, or the gateway’s budget is. */
export type Shortage = 'ofCaller' | 'ofGateway';

/**
 * In bytes. A request body or an answer up to this size never waits for memory and is never refused it: the number of
 * connections bounds the total.
 */
export const smallBytes = 16 * 1024;

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
  /** Calls back when everything but the answer is given back: at once if it has been. For what holds the charged memory. */
  onRelease(free: () => void): void;
  close(): void;
}

/** The memory of one response or one answer. */
export interface Hold {
  /** Takes more bytes. Resolves to null once they are held, or to the reason if they are refused. */
  grow(bytes: number, until: Until): Promise<Shortage | null>;
  /** Keeps this number of bytes, charged as `kind` from now on, and gives back the rest. */
  keep(bytes: number, kind?: Kind): void;
}
