import { LRUCache } from 'lru-cache';

/**
 * Values that callers ask for again and again, within a bound of memory. Each value is charged to its owners, and released when
 * it has not been used for a minute. Values that prove useless are kept less and less often.
 */
export interface OwnedCache<Value> {
  find(key: string): Value | undefined;
  /**
   * To be called on a miss, before the value is made. Deletes what was found and is of no use. Returns whether to keep the new
   * value: not on the first miss; after n keeps in a row without a hit one miss in 2ⁿ, with n up to 6.
   * @param found what `find` returned. A value that another request has kept meanwhile stays.
   */
  noteMiss(key: string, found: Value | undefined): boolean;
  /**
   * Keeps a value if its owners have room for it.
   * @param bytes the estimated size of the value.
   * @param make is called if there is room.
   */
  keep(key: string, owners: Iterable<string>, bytes: number, make: () => Value): void;
  /** To be called when a kept value was of use. */
  readonly noteHit: (key: string) => void;
  /** Stops the sweep of idle values. */
  close(): void;
}

export interface OwnedCacheOptions {
  /** The most bytes of all values. */
  readonly mostBytes: number;
  /**
   * The part of it that one owner may take. A part of the free memory would give the first owners much and the later ones
   * almost nothing, for as long as the first ones poll.
   */
  readonly share: number;
}

/** In milliseconds: how long an unused value is kept, the time between two sweeps, and how long a read of the clock is used. */
const times = { idle: 60_000, sweep: 2_000, clock: 1_000 };

export function createOwnedCache<Value extends object>({ mostBytes, share }: OwnedCacheOptions): OwnedCache<Value> {
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
    noteMiss(key, found) {
      if (entries.peek(key)?.value === found) entries.delete(key);
      return backOff.noteMiss(key);
    },
    keep(key, named, size, make) {
      entries.delete(key);
      const owners = new Set(named);
      for (const owner of owners) if ((taken.get(owner) ?? 0) + size > mostBytes * share) return;
      for (const owner of owners) take(owner, size);
      entries.set(key, { owners, size, value: make() });
    },
    noteHit: backOff.noteHit,
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
  /** Misses since the value was last kept. */
  misses: number;
  /** Keeps in a row without a hit. */
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
    noteMiss(this: void, key: string): boolean {
      const history = histories.get(key);
      if (!history) {
        histories.set(key, { misses: 0, useless: 0 });
        return false;
      }
      if (++history.misses < 2 ** Math.min(history.useless, most.useless)) return false;
      history.misses = 0;
      history.useless++;
      return true;
    },
    noteHit(this: void, key: string): void {
      const history = histories.get(key);
      if (history) history.useless = 0;
    },
  };
}
