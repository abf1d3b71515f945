import { now } from './time.ts';

/** A status change under way: a row is in its present status until `at`, then in `to`, or gone (FACTS 27). */
export interface Change {
  /** Milliseconds since 1970. */
  readonly at: number;
  readonly to: string | typeof GONE;
}

/** What a deleted row changes to. */
export const GONE: unique symbol = Symbol('gone');

/**
 * When and to what a row changes. The name steers the simulated backend: `fail-create…` ends in `error`,
 * `fail-delete…` in `error_deleting`, and `slow-<seconds>…` takes that much longer.
 */
export function planChange(
  name: string | null,
  kind: 'create' | 'delete',
  target: Change['to'],
  start: number,
  delayMs: number,
): Change {
  const slowSeconds = Number(/^slow-(\d+(?:\.\d+)?)/.exec(name ?? '')?.[1] ?? 0);
  const at = start + delayMs + slowSeconds * 1000;
  if (name?.startsWith(`fail-${kind}`)) return { at, to: kind === 'create' ? 'error' : 'error_deleting' };
  return { at, to: target };
}

/** The rows whose status is about to change. */
export interface Changes<Row> {
  /** Puts a row into a status that changes by itself later. */
  readonly begin: (row: Row, status: string, change: Change) => void;
  /** Makes the changes that are due. */
  settle(): void;
  /** Cancels the change of a row, if it has one. */
  cancel(row: Row): void;
}

/** @param apply makes a change that is due. */
export function createChanges<Row extends { status: string; change?: Change }>(
  apply: (row: Row, change: Change) => void,
): Changes<Row> {
  const changing = new Set<Row>();

  function cancel(row: Row): void {
    delete row.change;
    changing.delete(row);
  }

  return {
    begin(row, status, change) {
      row.status = status;
      row.change = change;
      changing.add(row);
    },
    settle() {
      const time = now();
      for (const row of changing) {
        const { change } = row;
        if (!change || change.at > time) continue;
        cancel(row);
        apply(row, change);
      }
    },
    cancel,
  };
}
