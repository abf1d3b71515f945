import type { Row, RowClass } from './row.ts';
import { membersOf } from './scan/members.ts';
import { createRowScanner, type RowScanner } from './scan/scanner.ts';

/** What the guide calls a thing, and how it is decoded. */
export interface Resource<Own extends Row> {
  /** `/volumes`; one is read at `/volumes/{id}`. */
  readonly path: string;
  /** The name of the member of an answer with one object: `volume`. The member with a list has an `s` more. */
  readonly member: string;
  /** The class of its rows. */
  readonly row: RowClass<Own>;
  /** The member of a row that names its tenant, where rows have one. */
  readonly tenantMember?: string;
  readonly scanner: RowScanner;
}

export function createResource<Own extends Row>(resource: Omit<Resource<Own>, 'scanner'>): Resource<Own> {
  const { row, tenantMember } = resource;
  // Beside what rows show, these are read of each row to check that it belongs to the caller.
  const members = [...membersOf(row), 'id', 'links', ...(tenantMember === undefined ? [] : [tenantMember])];
  return { ...resource, scanner: createRowScanner(members) };
}
