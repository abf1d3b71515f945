import type { Client } from './client.ts';
import { type KeyValue, totalOrder } from './order.ts';
import { maxLimit, type PageQuery, type ReadPage } from './page.ts';
import { fieldsOf, type Row, type RowClass } from './row.ts';
import { walk } from './walk.ts';
import type { Walkable } from './walkable.ts';

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

/** A list whose rows can be read again and again. */
export interface FollowableList<Followed extends Row> extends Followable<Followed> {
  /** Reads all rows in pages, the oldest row first: a new row changes the last page only. */
  readonly readAll: (client: Client) => AsyncIterable<{ readonly rows: readonly Followed[] }>;
}

/** @param calls.keyOf a row's value under one key of `sort`. */
export function createFollowableList<Followed extends Row>(
  followable: Followable<Followed>,
  {
    listDetail,
    keyOf,
  }: {
    readonly listDetail: (client: Client, query: PageQuery) => Promise<ReadPage<Followed>>;
    readonly keyOf: (key: string, row: Followed) => KeyValue;
  },
): FollowableList<Followed> {
  return {
    ...followable,
    readAll(client) {
      const list: Walkable<Followed> = {
        region: client.region,
        read: (query) => listDetail(client, query),
        breathe: client.breathe,
        order: oldestFirst,
        keyOf,
        keysOf: (row) => oldestFirst.map(({ key }) => keyOf(key, row)),
        readRow: async (uuid) => (await followable.read(client, uuid)) ?? followable.read(client, uuid),
      };
      return walk(list, { limit: maxLimit });
    },
  };
}

const oldestFirst = totalOrder([{ key: 'created_at', direction: 'asc' }]);
