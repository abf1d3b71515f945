import type { Region } from '../regions.ts';
import type { Client } from './client.ts';
import type { Wire } from './decode.ts';

/**
 * An object as the upstream sent it. Its class declares each field once, as a getter that decodes the field's wire member:
 * the type of the field and the list of fields that subscriptions watch come from the getter. A field is decoded when it is
 * read, because only a few fields of the rows of a long list are read. A member that no getter reads is not shown.
 */
export abstract class Row {
  readonly uuid: string;
  protected readonly wire: Wire;
  protected readonly client: Client;

  constructor(wire: Wire, uuid: string, client: Client) {
    this.uuid = uuid;
    this.wire = wire;
    this.client = client;
  }

  get region(): Region {
    return this.client.region;
  }
}

/** A class of rows. */
export interface RowClass<Own extends Row> {
  readonly prototype: Own;
  new (wire: Wire, uuid: string, client: Client): Own;
}

/** The fields that a class of rows declares: all but `uuid` and `region`, which never change. */
export function fieldsOf<Own extends Row>({ prototype }: RowClass<Own>): (keyof Own)[] {
  const members = Object.entries(Object.getOwnPropertyDescriptors(prototype));
  // The getters of a class are members of its rows.
  return members.filter(([, member]) => 'get' in member).map(([name]) => name as keyof Own);
}
