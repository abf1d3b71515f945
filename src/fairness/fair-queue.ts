/**
 * What waits, in a fair order: owners take turns by the work that each of them was given, however much each has waiting
 * (start-time fair queueing). What one owner has waiting keeps its order.
 */
export interface FairQueue<Item> {
  add(owner: string, cost: number, item: Item): Entry<Item>;
  /** Whose turn is next of all that may have one; null where there is none. It stays in the queue. */
  next(may?: (item: Item) => boolean): Entry<Item> | null;
  /** Takes an entry out, and counts its cost as work that its owner was given. */
  take(entry: Entry<Item>): void;
  /** Takes an entry out that is no longer wanted. */
  drop(entry: Entry<Item>): void;
  /** How many entries one owner has waiting. */
  countOf(owner: string): number;
  /** The cost of all that one owner has waiting. */
  costOf(owner: string): number;
  readonly size: number;
  readonly cost: number;
}

export interface Entry<Item> {
  readonly owner: string;
  readonly cost: number;
  readonly item: Item;
}

interface Owner<Item> {
  readonly entries: Set<Entry<Item>>;
  cost: number;
  /** The work that the owner was given; one that comes new is taken to have been given as much as the others. */
  given: number;
}

export function createFairQueue<Item>(): FairQueue<Item> {
  const owners = new Map<string, Owner<Item>>();
  // What the owner of the last entry had been given when its turn came.
  let clock = 0;
  let size = 0;
  let cost = 0;

  function remove(entry: Entry<Item>): Owner<Item> | null {
    const owner = owners.get(entry.owner);
    if (!owner?.entries.delete(entry)) return null;
    size--;
    cost -= entry.cost;
    owner.cost -= entry.cost;
    if (owner.entries.size === 0) owners.delete(entry.owner);
    return owner;
  }

  return {
    add(name, itsCost, item) {
      const owner = owners.get(name) ?? { entries: new Set(), cost: 0, given: clock };
      owners.set(name, owner);
      const entry = { owner: name, cost: itsCost, item };
      owner.entries.add(entry);
      owner.cost += itsCost;
      size++;
      cost += itsCost;
      return entry;
    },
    next(may = () => true) {
      let next: { entry: Entry<Item>; given: number } | null = null;
      for (const { entries, given } of owners.values()) {
        if (next && given >= next.given) continue;
        const entry = firstOf(entries, may);
        if (entry) next = { entry, given };
      }
      return next?.entry ?? null;
    },
    take(entry) {
      const owner = remove(entry);
      if (!owner) return;
      clock = Math.max(clock, owner.given);
      owner.given += entry.cost;
    },
    drop: (entry) => void remove(entry),
    countOf: (owner) => owners.get(owner)?.entries.size ?? 0,
    costOf: (owner) => owners.get(owner)?.cost ?? 0,
    get size() {
      return size;
    },
    get cost() {
      return cost;
    },
  };
}

function firstOf<Item>(entries: Iterable<Entry<Item>>, may: (item: Item) => boolean): Entry<Item> | null {
  for (const entry of entries) if (may(entry.item)) return entry;
  return null;
}
