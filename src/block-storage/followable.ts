import type { Client } from './client.ts';
import { fieldsOf, type Row, type RowClass } from './row.ts';

/** An object that can be read again and again. */
export interface Followable<Followed> {
  readonly noun: string;
  /** Null when there is none. */
  readonly read: (client: Client, uuid: string) => Promise<Followed | null>;
  /** All that the guide shows of it, as text. */
  readonly stateOf: (row: Followed) => string;
}

export function createFollowable<Followed extends Row>(
  noun: string,
  read: Followable<Followed>['read'],
  type: RowClass<Followed>,
): Followable<Followed> {
  const fields = fieldsOf(type);
  return { noun, read, stateOf: (row) => JSON.stringify(fields.map((field) => row[field])) };
}
