import type { Client } from './client.ts';

/** An object that can be read again and again. */
export interface Followable<Row> {
  readonly noun: string;
  /** Null when there is none. */
  readonly read: (client: Client, uuid: string) => Promise<Row | null>;
  /** All that the guide shows of it, as text. */
  readonly stateOf: (row: Row) => string;
}

/** @param shown every member of a row but what never changes. */
export function createFollowable<Row>(
  noun: string,
  read: Followable<Row>['read'],
  shown: Readonly<Record<Exclude<keyof Row, 'region' | 'uuid'>, true>>,
): Followable<Row> {
  // The keys of an object literal are those of its type.
  const members = Object.keys(shown) as (keyof Row)[];
  return { noun, read, stateOf: (row) => JSON.stringify(members.map((member) => row[member])) };
}
