/**
 * Turns of the event loop for work that takes milliseconds, such as decoding a page of a thousand rows. Owners take
 * turns, whatever each of them has waiting, and everything that is small goes on between two turns.
 */
export interface Turns {
  /**
   * Resolves when the owner may work, to true; or to false at the deadline, or when the signal aborts.
   * @param cost of the work, in bytes.
   * @param deadline on the clock of `performance.now()`.
   */
  take(
    owner: string,
    cost: number,
    until: { readonly deadline: number; readonly signal: AbortSignal },
  ): Promise<boolean>;
  /** Pieces of work that wait. */
  readonly waiting: number;
}

/** The work of one turn, in bytes: JSON is parsed and read at some 100 MB a second, so this is ten milliseconds. */
const turnBytes = 1024 * 1024;

interface Piece {
  readonly cost: number;
  readonly start: (isGranted: boolean) => void;
}

/** Deficit round robin: each owner in turn may do so much more, and what it leaves undone is kept for its next turn. */
export function createTurns(): Turns {
  const owners = new Map<string, { readonly pieces: Set<Piece>; credit: number }>();
  let waiting = 0;
  let isScheduled = false;

  function schedule(): void {
    if (isScheduled || waiting === 0) return;
    isScheduled = true;
    setImmediate(() => {
      isScheduled = false;
      runTurn();
      schedule();
    });
  }

  /** Gives the owner at the head its turn, and puts it at the end where it has more to do. */
  function runTurn(): void {
    const [head] = owners;
    if (!head) return;
    const [name, owner] = head;
    owners.delete(name);
    owner.credit += turnBytes;
    for (const piece of owner.pieces) {
      if (piece.cost > owner.credit) break;
      owner.credit -= piece.cost;
      piece.start(true);
    }
    if (owner.pieces.size > 0) owners.set(name, owner);
  }

  return {
    take(name, cost, { deadline, signal }) {
      const left = deadline - performance.now();
      if (left <= 0 || signal.aborted) return Promise.resolve(false);
      return new Promise((resolve) => {
        const owner = owners.get(name) ?? { pieces: new Set<Piece>(), credit: 0 };
        owners.set(name, owner);
        const piece: Piece = {
          cost,
          start(isGranted) {
            owner.pieces.delete(piece);
            if (owner.pieces.size === 0 && owners.get(name) === owner) owners.delete(name);
            waiting--;
            clearTimeout(timer);
            signal.removeEventListener('abort', giveUp);
            resolve(isGranted);
          },
        };
        const giveUp = () => piece.start(false);
        const timer = setTimeout(giveUp, left);
        signal.addEventListener('abort', giveUp);
        owner.pieces.add(piece);
        waiting++;
        schedule();
      });
    },
    get waiting() {
      return waiting;
    },
  };
}
