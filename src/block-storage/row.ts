import { KeptTexts, keptTexts } from '../kept/texts.ts';
import type { Region } from '../regions.ts';
import type { Wire } from './decode.ts';

/** What rows that were read together have in common. */
export interface RowSource {
  readonly region: Region;
  /** Called when part of a row had to be left out. */
  readonly warn: (message: string) => void;
  /** Whether the rows outlive their request, so that what is written of them is kept with them. */
  readonly keepsTexts?: boolean;
}

/**
 * An object as the upstream sent it. Its class declares each field once, as a getter that decodes the field's wire member:
 * the type of the field and the list of fields that subscriptions watch come from the getter. A field is decoded when it is
 * read, because only a few fields of the rows of a long list are read. A member that no getter reads is not shown. A row is
 * not copied by spreading it: the copy would have none of its fields.
 *
 * A getter reads the same members of `wire` whatever they hold: `scan/members.ts` learns from an empty row which members
 * have to be scanned.
 */
export abstract class Row {
  readonly uuid: string;
  protected readonly wire: Wire;
  protected readonly source: RowSource;
  #texts: KeptTexts | null = null;

  constructor(wire: Wire, uuid: string, source: RowSource) {
    this.uuid = uuid;
    this.wire = wire;
    this.source = source;
  }

  get region(): Region {
    return this.source.region;
  }

  get [keptTexts](): KeptTexts | null {
    if (!this.source.keepsTexts) return null;
    this.#texts ??= new KeptTexts();
    return this.#texts;
  }
}

/** A class of rows. */
export interface RowClass<Own extends Row> {
  readonly prototype: Own;
  new (wire: Wire, uuid: string, source: RowSource): Own;
}

/** The fields that a class of rows declares or inherits: all but `uuid` and `region`, which never change. */
export function fieldsOf<Own extends Row>({ prototype }: RowClass<Own>): (keyof Own)[] {
  const names = new Set<string>();
  for (let at: object = prototype; at !== Row.prototype; at = Object.getPrototypeOf(at))
    for (const [name, member] of Object.entries(Object.getOwnPropertyDescriptors(at)))
      if ('get' in member) names.add(name);
  // The getters of a class are members of its rows.
  return [...names] as (keyof Own)[];
}
