import { isTransitional } from '../block-storage/status.ts';

/** The rows of a list that are in a transitional status, such as `creating`. */
export interface Transitions {
  note(row: { readonly uuid: string; readonly status: string | null }): void;
  readonly isDeleting: (uuid: string) => boolean;
  /** Whether there is a row that has been in such a status, but not for too long. */
  readonly hasRecent: () => boolean;
  delete(uuid: string): void;
  clear(): void;
}

/** How long a status counts as transitional, in milliseconds. Rows can be stuck in `deleting` for days. */
const longestMs = 600_000;

interface Transition {
  readonly status: string | null;
  /** On the clock of `performance.now()`. */
  readonly since: number;
}

export function createTransitions(): Transitions {
  const transitions = new Map<string, Transition>();
  return {
    note({ uuid, status }) {
      if (!isTransitional(status)) transitions.delete(uuid);
      else if (transitions.get(uuid)?.status !== status) transitions.set(uuid, { status, since: performance.now() });
    },
    isDeleting: (uuid) => transitions.get(uuid)?.status === 'deleting',
    hasRecent() {
      const now = performance.now();
      return transitions.values().some(({ since }) => now - since < longestMs);
    },
    delete: (uuid) => void transitions.delete(uuid),
    clear: () => transitions.clear(),
  };
}
