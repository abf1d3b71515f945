import { LRUCache } from 'lru-cache';

/**
 * Values that callers ask for again and again, within a bound of memory. Each value is charged to its owners, and released when
 * it has not been used for a minute. Values that prove useless are kept less and less often.
 */
export interface OwnedCache<Value> {
  find(key: string): Value | undefined;
  /**
   * To be called when a value had to be made. Drops the old one. Returns whether to keep the new one: not the first time, and
   * after n keeps in a row that were of no use one time in 2ⁿ, with n up to 6.
   */
  readonly isDue: (key: string) => boolean;
  /** Keeps a value if its owners have room for it. */
  keep(key: string, owners: Iterable<string>, value: Value): void;
  /** To be called when a kept value was of use. */
  readonly noteUsed: (key: string) => void;
  /** Stops the sweep of idle values. */
  close(): void;
}

export interface OwnedCacheOptions<Value> {
  /** The most bytes of all values. */
  readonly mostBytes: number;
  /** The estimated bytes of a value. */
  readonly sizeOf: (value: Value) => number;
  /** The most bytes that one owner may take. @param free bytes that are not taken if the value is kept. */
  readonly mostOfOwner: (free: number) => number;
}

/** In milliseconds: how long an unused value is kept, the time between two sweeps, and how long a read of the clock is used. */
const times = { idle: 60_000, sweep: 2_000, clock: 1_000 };

export function createOwnedCache<Value extends object>(options: OwnedCacheOptions<Value>): OwnedCache<Value> {
  const { mostBytes, sizeOf, mostOfOwner } = options;
  const lifetime = { ttl: times.idle, ttlResolution: times.clock, updateAgeOnGet: true };
  const backOff = createBackOff(lifetime);
  const taken = new Map<string, number>();
  const entries = new LRUCache<string, Entry<Value>>({
    maxSize: mostBytes,
    ...lifetime,
    sizeCalculation: ({ size }) => size,
    dispose({ owners, size }) {
      for (const owner of owners) take(owner, -size);
    },
  });
  // An idle value holds memory and a part of its owner's share, so it is released even if no more requests arrive.
  const sweep = setInterval(() => entries.purgeStale(), times.sweep).unref();

  function take(owner: string, bytes: number): void {
    const now = (taken.get(owner) ?? 0) + bytes;
    if (now > 0) taken.set(owner, now);
    else taken.delete(owner);
  }

  return {
    find: (key) => entries.get(key)?.value,
    isDue(key) {
      entries.delete(key);
      return backOff.isDue(key);
    },
    keep(key, named, value) {
      entries.delete(key);
      const size = sizeOf(value);
      const owners = new Set(named);
      const most = mostOfOwner(mostBytes - entries.calculatedSize - size);
      for (const owner of owners) if ((taken.get(owner) ?? 0) + size > most) return;
      for (const owner of owners) take(owner, size);
      entries.set(key, { owners, size, value });
    },
    noteUsed: backOff.noteUsed,
    close: () => clearInterval(sweep),
  };
}

interface Entry<Value> {
  readonly owners: ReadonlySet<string>;
  /** In bytes. */
  readonly size: number;
  readonly value: Value;
}

interface History {
  /** How often it was made since it was last kept. */
  made: number;
  /** How often it was kept since that was last of use. */
  useless: number;
}

/** The most keys whose history is remembered, and the longest row of useless keeps that counts. */
const most = { keys: 20_000, useless: 6 };

/**
 * Decides when a value is kept, by how often that was of use before.
 * @param lifetime how long the history of a key is remembered.
 */
function createBackOff(lifetime: { readonly ttl: number; readonly ttlResolution: number }) {
  const histories = new LRUCache<string, History>({ max: most.keys, ...lifetime, updateAgeOnGet: true });
  return {
    isDue(this: void, key: string): boolean {
      const history = histories.get(key);
      if (!history) {
        histories.set(key, { made: 0, useless: 0 });
        return false;
      }
      if (++history.made < 2 ** Math.min(history.useless, most.useless)) return false;
      history.made = 0;
      history.useless++;
      return true;
    },
    noteUsed(this: void, key: string): void {
      const history = histories.get(key);
      if (history) history.useless = 0;
    },
  };
}
