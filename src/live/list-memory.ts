import type { Memory } from '../fairness/memory.ts';

/** Charges what lists keep between two readings to their callers, within a part of the memory for requests. */
export interface ListMemory {
  open(owner: string): ListCharge;
}

/** What one list keeps. */
export interface ListCharge {
  /** Sets the number of bytes. Returns whether there is memory for them; if not, nothing is charged. */
  resize(bytes: number): boolean;
  close(): void;
}

/** The part of the memory that all lists may take, and the part of that which one owner may take. */
const share = { ofAll: 1 / 4, ofOwner: 1 / 4 };

export function createListMemory(memory: Pick<Memory, 'budget' | 'open'>): ListMemory {
  const most = memory.budget * share.ofAll;
  const heldBy = new Map<string, number>();
  let held = 0;

  function add(owner: string, bytes: number): void {
    held += bytes;
    const own = (heldBy.get(owner) ?? 0) + bytes;
    if (own > 0) heldBy.set(owner, own);
    else heldBy.delete(owner);
  }

  return {
    open(owner) {
      let own = 0;
      // An account gives back all that it counts at once, so a new size needs a new account.
      let account = memory.open(owner);
      const set = (bytes: number) => {
        add(owner, bytes - own);
        own = bytes;
        account.close();
        account = memory.open(owner);
        account.count('rows', bytes);
      };
      return {
        resize(bytes) {
          if (bytes === own) return true;
          const more = bytes - own;
          const hasRoom = held + more <= most && (heldBy.get(owner) ?? 0) + more <= most * share.ofOwner;
          set(hasRoom ? bytes : 0);
          return hasRoom;
        },
        close() {
          set(0);
          account.close();
        },
      };
    },
  };
}
