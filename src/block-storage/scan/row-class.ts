import type { Wire } from '../decode.ts';
import { decodeValue } from './decode-value.ts';

/** What some rows that stood together in an answer hold in common, and all that they hold of the answer. */
export interface Block {
  /** A copy of the rows' bytes, as a flat string of one byte per character. */
  text: string;
  /** The offset of the text in the answer. */
  readonly offset: number;
  /**
   * For each row the places of its members, and for each place two offsets in the answer: the first byte of the value,
   * or 0 if the row lacks the member, and the end of the value, negative if the value is encoded.
   */
  places: readonly number[];
}

/** Drops the text and the places. No member of the block's rows may be read afterwards. */
export function freeBlock(block: Block | undefined): void {
  if (!block) return;
  block.text = '';
  block.places = [];
}

/** The integers that a place takes in `Block.places`. */
export const placeSize = 2;

/** Makes a row of the places in its block that begin at an index. */
export type ScannedRowClass = new (block: Block, index: number) => Wire;

/**
 * The class of rows that answer the given members and no other. A member is decoded each time it is read.
 * @param members each once; the position of a member is the position of its place.
 */
export function createRowClass(members: readonly string[]): ScannedRowClass {
  class Row extends ScannedRow {}
  for (const [position, member] of members.entries())
    Object.defineProperty(Row.prototype, member, {
      get(this: ScannedRow) {
        return ScannedRow.read(this, placeSize * position);
      },
    });
  // The getters give it the members of a `Wire`.
  return Row as unknown as ScannedRowClass;
}

/** The fields are private because a member of the wire may have any name. */
class ScannedRow {
  readonly #block: Block;
  readonly #index: number;

  constructor(block: Block, index: number) {
    this.#block = block;
    this.#index = index;
  }

  /** Decodes the member with this place. */
  static read(row: ScannedRow, place: number): unknown {
    const { text, offset, places } = row.#block;
    const start = places[row.#index + place];
    if (start === 0) return undefined;
    const end = places[row.#index + place + 1];
    if (start === undefined || end === undefined) throw new Error('A row is read after its request is over.');
    return decodeValue(text, start - offset, end < 0 ? end + offset : end - offset);
  }
}
