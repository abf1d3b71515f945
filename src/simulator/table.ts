import { storedTime } from './time.ts';

/** The rows of one noun, by id. */
export interface Table<Row> {
  add(row: Row): Row;
  get(id: string): Row | undefined;
  readonly all: () => Row[];
  delete(id: string): void;
}

/** @param mariadb times lose their microseconds, and ids compare without case (FACTS 12, 30). */
export function createTable<Row extends { readonly id: string; created_at: string }>(mariadb: boolean): Table<Row> {
  const rows = new Map<string, Row>();
  const key = (id: string) => (mariadb ? id.toLowerCase() : id);
  return {
    add(row) {
      row.created_at = storedTime(row.created_at, mariadb);
      rows.set(key(row.id), row);
      return row;
    },
    get: (id) => rows.get(key(id)),
    all: () => [...rows.values()],
    delete: (id) => void rows.delete(key(id)),
  };
}
