import type { Account } from './memory.ts';

/** One caller, and the memory that all its requests hold together. */
export interface Owner {
  readonly holders: Holders;
  /** The number of open accounts: one per request. */
  accounts: number;
  /** Bytes that its accounts hold together. */
  held: number;
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
