/**
 * A queue that is fair between owners, however much each of them has waiting: next is the entry after which its owner has
 * received the least work (self-clocked fair queueing). So small entries do not wait behind large ones of other owners.
 * Entries of one owner keep their order.
 */
export interface FairQueue<Item> {
  add(owner: string, cost: number, item: Item): Entry<Item>;
  /** The next entry that `may` be taken; null if there is none. It stays in the queue. */
  next(may?: (item: Item) => boolean): Entry<Item> | null;
  /** The first entry of one owner that `may` be taken; null if there is none. It stays in the queue. */
  nextOf(owner: string, may: (item: Item) => boolean): Entry<Item> | null;
  /** Removes an entry and counts its cost as work that its owner has received. */
  take(entry: Entry<Item>): void;
  /** Removes an entry without counting its cost. */
  drop(entry: Entry<Item>): void;
  /** The number of entries of one owner. */
  countOf(owner: string): number;
  /** The total cost of one owner's entries. */
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
  /** The work that the owner has received. A new owner starts at the level of the queue. */
  received: number;
}

export function createFairQueue<Item>(): FairQueue<Item> {
  const owners = new Map<string, Owner<Item>>();
  // The most work that any owner served so far has received. New owners start there.
  let level = 0;
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
      const owner = owners.get(name) ?? { entries: new Set(), cost: 0, received: level };
      owners.set(name, owner);
      const entry = { owner: name, cost: itsCost, item };
      owner.entries.add(entry);
      owner.cost += itsCost;
      size++;
      cost += itsCost;
      return entry;
    },
    next(may = () => true) {
      let next: Entry<Item> | null = null;
      let least = Number.POSITIVE_INFINITY;
      for (const { entries, received } of owners.values()) {
        if (received >= least) continue;
        const entry = firstOf(entries, may);
        if (!entry || received + entry.cost >= least) continue;
        next = entry;
        least = received + entry.cost;
      }
      return next;
    },
    nextOf: (owner, may) => firstOf(owners.get(owner)?.entries ?? [], may),
    take(entry) {
      const owner = remove(entry);
      if (!owner) return;
      owner.received += entry.cost;
      level = Math.max(level, owner.received);
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
