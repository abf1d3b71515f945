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
  /**
   * For long work in short steps, asked before each of them: null while the work may go on at once, else as `take`. All
   * such work of one turn of the event loop, whosever it is, goes on for some ten milliseconds.
   */
  goOn(owner: string, until: { readonly deadline: number; readonly signal: AbortSignal }): Promise<boolean> | null;
  /** Pieces of work that wait. */
  readonly waiting: number;
}

/** The work of one turn, in bytes: JSON is parsed and read at some 100 MB a second, so this is ten milliseconds. */
const turnBytes = 1024 * 1024;

/** Milliseconds for which work in steps goes on in one turn of the event loop. */
const turnMs = 10;

/**
 * Times that Node serves all promises and then the next ticks in one turn. Loaders gather what is asked for in one round
 * and read it in the next.
 */
const roundsOfTurn = 8;

/** What a step counts for when it has to wait for a turn: it takes a millisecond or two. */
const stepBytes = turnBytes / 8;

interface Piece {
  readonly cost: number;
  readonly start: (isGranted: boolean) => void;
}

/** Deficit round robin: each owner in turn may do so much more, and what it leaves undone is kept for its next turn. */
export function createTurns(): Turns {
  const owners = new Map<string, { readonly pieces: Set<Piece>; credit: number }>();
  let waiting = 0;
  let isScheduled = false;
  /** When the work of this turn of the event loop began; null as long as there is none. */
  let begun: number | null = null;

  function timeSpent(): number {
    const now = performance.now();
    if (begun === null) {
      begun = now;
      endAfter(roundsOfTurn);
    }
    return now - begun;
  }

  function endAfter(rounds: number): void {
    process.nextTick(() => {
      if (rounds === 0) begun = null;
      else queueMicrotask(() => endAfter(rounds - 1));
    });
  }

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
    // What the pieces do counts from here on. As a microtask, because the next tick comes before theirs.
    queueMicrotask(timeSpent);
    for (const piece of owner.pieces) {
      if (piece.cost > owner.credit) break;
      owner.credit -= piece.cost;
      piece.start(true);
    }
    if (owner.pieces.size > 0) owners.set(name, owner);
  }

  const take: Turns['take'] = (name, cost, { deadline, signal }) => {
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
  };

  return {
    take,
    goOn: (name, until) => (timeSpent() < turnMs ? null : take(name, stepBytes, until)),
    get waiting() {
      return waiting;
    },
  };
}
