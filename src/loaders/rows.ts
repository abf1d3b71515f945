import DataLoader from 'dataloader';
import type { Client } from '../block-storage/client.ts';
import { type KeyValue, newestFirst, type Order } from '../block-storage/order.ts';
import { maxLimit, type PageQuery, type ReadPage } from '../block-storage/page.ts';
import { walk } from '../block-storage/walk.ts';
import type { Identified, Walkable } from '../block-storage/walkable.ts';
import { keepPages, type Pages, readByIds } from './batch.ts';
import { lazily } from './lazily.ts';

/** The calls of the guide that read objects of one kind. */
export interface Calls<Row> {
  /** The list with all fields. */
  readonly listDetail: (client: Client, query: PageQuery) => Promise<ReadPage<Row>>;
  /** The short list. */
  readonly list: (client: Client, query: PageQuery) => Promise<ReadPage<Row>>;
  readonly get: (client: Client, uuid: string) => Promise<Row | null>;
  /** A row's value under one key of `sort`. */
  readonly keyOf: (key: string, row: Row) => KeyValue;
}

/** The objects of one kind as lists, and each by its id. */
export interface Rows<Row> {
  /** Null where there is none. */
  readonly byId: Pick<DataLoader<string, Row | null>, 'load' | 'loadMany'>;
  readonly detailed: (order: Order) => Walkable<Row>;
  readonly short: (order: Order) => Walkable<Row>;
}

/** @param listRead what single reads wait for, because it may bring them; null if nothing is being read. */
export function readRows<Row extends Identified>(
  client: Client,
  { listDetail, list, get, keyOf }: Calls<Row>,
  listRead: () => Promise<unknown> | null = () => null,
): Rows<Row> {
  const { region, breathe } = client;
  const pages = lazily(() => keepPages((query) => listDetail(client, query), breathe));
  const shortPages = lazily(() => keepPages((query) => list(client, query), breathe));

  const listOf = ({ read }: Pages<Row>, order: Order): Walkable<Row> => ({
    region,
    read,
    breathe,
    order,
    keyOf,
    keysOf: (row) => order.map(({ key }) => keyOf(key, row)),
    // A replica that lags may not find a row that is there.
    readRow: async (uuid) => (await byId.load(uuid)) ?? readOne(uuid),
  });

  const readOne = (uuid: string) => get(client, uuid);

  const batches = lazily(() => {
    const readBatch = readByIds(
      () => pages().rows(),
      () => walk(listOf(pages(), newestFirst), { limit: maxLimit }),
      readOne,
      region,
    );
    return new DataLoader<string, Row | null>(async (uuids) => {
      const reading = listRead();
      // If it has failed, the batch function learns so itself.
      if (reading) await reading.catch(() => {});
      return readBatch(uuids);
    });
  });

  const byId: Rows<Row>['byId'] = {
    load: client.readsOneObject ? readOne : (uuid) => batches().load(uuid),
    loadMany: (uuids) => batches().loadMany(uuids),
  };

  return {
    byId,
    detailed: (order) => listOf(pages(), order),
    short: (order) => listOf(shortPages(), order),
  };
}
