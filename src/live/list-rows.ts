import { isTransitional } from '../block-storage/status.ts';
import { createMissingRows, type IsGone, type MissingRows } from './list-missing.ts';
import { createTransitions, type Transitions } from './transitions.ts';

/** A row of a list that somebody follows. */
export interface ListedRow {
  readonly uuid: string;
  readonly status: string | null;
}

/** How a list differs from the reading before. */
export interface ListDifference<Row> {
  /** The rows that are new or have changed, by UUID. Empty after the first reading. */
  readonly changed: ReadonlyMap<string, Row>;
  /** UUIDs of the changed rows that are new. */
  readonly added: ReadonlySet<string>;
  /** UUIDs of the rows that are gone. */
  readonly removed: readonly string[];
  /** UUIDs of rows that are missing and may still exist: another reading has to show whether they are gone. */
  readonly unconfirmed: readonly string[];
}

/** What is kept of a list between two readings: the UUID of each row, and a digest of its fields. */
export interface ListRows<Row> {
  readonly size: number;
  /** Whether the last reading has shown a row as this digest says. */
  shows(uuid: string, digest: string): boolean;
  /** Whether the list has been read. */
  readonly isKnown: boolean;
  /** Whether a row is in a transitional status, and has not been for too long. */
  readonly hasTransitions: () => boolean;
  /** Starts a reading of the whole list. A reading that is not ended changes nothing. */
  startReading(): Reading<Row>;
  /** To be called in place of a reading if the region has given the same answers as before. */
  readAlike(isGone: IsGone): Promise<ListDifference<Row>>;
  /** Forgets everything. The next reading is the first one. */
  clear(): void;
}

export interface Reading<Row> {
  note(row: Row): void;
  /** To be called when all rows have been noted. */
  end(isGone: IsGone): Promise<ListDifference<Row>>;
}

export interface ListRowsOptions<Row> {
  /** A digest of all that can be seen of a row. */
  readonly digestOf: (row: Row) => string;
  /** The shortest time between two readings that show that a row is gone, in milliseconds. */
  readonly confirmMs: number;
}

type Changed<Row> = Pick<ListDifference<Row>, 'changed' | 'added'>;

/** A row that differs from the last reading. The row itself is null if it is not needed. */
interface Found<Row> {
  readonly digest: string;
  readonly row: Row | null;
}

export function createListRows<Row extends ListedRow>({ digestOf, confirmMs }: ListRowsOptions<Row>): ListRows<Row> {
  const digests = new Map<string, string>();
  const transitions = createTransitions();
  const missing = createMissingRows(confirmMs);
  let isFirst = true;

  async function toDifference({ changed, added }: Changed<Row>, isGone: IsGone): Promise<ListDifference<Row>> {
    const removed = await missing.takeGone(transitions.isDeleting, isGone);
    for (const uuid of removed) {
      digests.delete(uuid);
      transitions.delete(uuid);
    }
    return { changed, added, removed, unconfirmed: [...missing.uuids()] };
  }

  function startReading(): Reading<Row> {
    const seen = new Set<string>();
    const found = new Map<string, Found<Row>>();
    return {
      note(row) {
        seen.add(row.uuid);
        const digest = digestOf(row);
        // The first reading finds every row: keeping all of them would take too much memory.
        const isKept = !isFirst || isTransitional(row.status);
        if (digests.get(row.uuid) === digest) found.delete(row.uuid);
        else found.set(row.uuid, { digest, row: isKept ? row : null });
      },
      end(isGone) {
        const changed = takeOver(found, digests, { isFirst, transitions, missing });
        isFirst = false;
        missing.noteReading(digests.keys(), seen);
        return toDifference(changed, isGone);
      },
    };
  }

  return {
    get size() {
      return digests.size;
    },
    shows: (uuid, digest) => digests.get(uuid) === digest,
    get isKnown() {
      return !isFirst;
    },
    hasTransitions: transitions.hasRecent,
    startReading,
    readAlike: (isGone) => toDifference({ changed: new Map(), added: new Set() }, isGone),
    clear() {
      digests.clear();
      transitions.clear();
      missing.clear();
      isFirst = true;
    },
  };
}

/** Takes over what a complete reading has found into the digests that are known. Returns what has changed. */
function takeOver<Row extends ListedRow>(
  found: ReadonlyMap<string, Found<Row>>,
  digests: Map<string, string>,
  {
    isFirst,
    transitions,
    missing,
  }: { readonly isFirst: boolean; readonly transitions: Transitions; readonly missing: MissingRows },
): Changed<Row> {
  const changed = new Map<string, Row>();
  const added = new Set<string>();
  for (const [uuid, { digest, row }] of found) {
    if (!isFirst && !digests.has(uuid)) {
      added.add(uuid);
      missing.noteAdded(uuid);
    }
    digests.set(uuid, digest);
    if (row) transitions.note(row);
    if (row && !isFirst) changed.set(uuid, row);
  }
  return { changed, added };
}
