import { hash } from 'node:crypto';
import { isFixed, type KeyValue, type Order } from '../block-storage/order.ts';
import { type Position, rememberedIds } from '../block-storage/position.ts';
import { ByteReader, ByteWriter } from './bytes.ts';

/** What a list is a list of. A cursor of one list means nothing in another. */
export interface ListIdentity {
  /** Such as `volumes`, or `snapshots of <volume>`. */
  readonly kind: string;
  readonly regions: readonly string[];
  /** The tenant of each region; null where there are no credentials. */
  readonly tenants: readonly (string | null)[];
  readonly order: Order;
  readonly filter: unknown;
}

/** How far a list has been read in one region: not begun, behind a position, or to its end. */
export type Progress = Position | 'done' | null;

/** A text is not a cursor, or not a cursor of this list. The message follows the name of the argument. */
export class CursorError extends Error {
  override readonly name = 'CursorError';
}

/*
 * A cursor holds all that is needed to go on, so any replica can: the format's version, a digest, and the progress in each
 * region. The digest is of the list and the progress: a cursor that was damaged, or is of another list, does not go
 * unnoticed. It is binary, because a page can have a cursor for each row.
 *
 * Each region has one byte of state and flags. A position adds the number of ids if there are several, the ids with their
 * marks, and the sort values of the last row without its id. Marks are omitted if they are always the same. Values are omitted
 * if they equal those of the previous region.
 */

const version = 2;
const digestBytes = 6;
const headBytes = 1 + digestBytes;
const markBytes = 4;

/** In characters. Eight ids and long names in sixteen regions stay far below. */
const maxLength = 64 * 1024;

const states = { none: 0, done: 1, position: 2 };
const flags = { isWhole: 4, isFromBeginning: 8, hasKeys: 16, hasSameKeys: 32, hasUnknownId: 64, isAlone: 128 };

/** Writes a cursor of this list. `progress` has one entry per region, in their order. */
export function encodeCursor(list: ListIdentity, progress: readonly Progress[]): string {
  const writer = new ByteWriter(headBytes);
  let before: readonly KeyValue[] | null = null;
  for (const region of progress) before = writeProgress(writer, list.order, region, before);
  const bytes = writer.bytes();
  bytes[0] = version;
  bytes.set(digestOf(list, bytes.subarray(headBytes)), 1);
  return bytes.toString('base64url');
}

/**
 * Reads a cursor of this list.
 * @throws `CursorError` when it is damaged, too long, or of another list.
 */
export function decodeCursor(list: ListIdentity, cursor: string): Progress[] {
  if (cursor.length > maxLength || !/^[A-Za-z0-9_-]+$/.test(cursor)) throw notOfThisList();
  const bytes = Buffer.from(cursor, 'base64url');
  if (bytes[0] !== version || !digestOf(list, bytes.subarray(headBytes)).equals(bytes.subarray(1, headBytes)))
    throw notOfThisList();
  try {
    const reader = new ByteReader(bytes, headBytes);
    let before: readonly KeyValue[] = [];
    const progress = list.regions.map(() => {
      const region = readProgress(reader, list.order, before);
      if (region !== null && region !== 'done') before = region.keys.slice(0, -1);
      return region;
    });
    if (!reader.isAtEnd()) throw new RangeError('more bytes than regions');
    return progress;
  } catch (error) {
    if (error instanceof RangeError) throw notOfThisList();
    throw error;
  }
}

/** Returns the values that the next region may have as well. Every order ends with the id. */
function writeProgress(
  writer: ByteWriter,
  order: Order,
  progress: Progress,
  before: readonly KeyValue[] | null,
): readonly KeyValue[] | null {
  if (progress === null || progress === 'done') {
    writer.byte(progress === null ? states.none : states.done);
    return before;
  }
  const { ids, marks, keys, isWhole, isFromBeginning } = progress;
  const values = keys.slice(0, -1);
  const areKnown = keys.length === order.length && !values.includes(undefined);
  const areSame = areKnown && before !== null && values.every((value, index) => value === before[index]);
  writer.byte(
    states.position |
      (isWhole ? flags.isWhole : 0) |
      (isFromBeginning ? flags.isFromBeginning : 0) |
      (areKnown && !areSame ? flags.hasKeys : 0) |
      (areSame ? flags.hasSameKeys : 0) |
      (areKnown && keys.at(-1) === undefined ? flags.hasUnknownId : 0) |
      (ids.length === 1 ? flags.isAlone : 0),
  );
  if (ids.length > 1) writer.number(ids.length);
  for (const [index, id] of ids.entries()) {
    writer.hex(id.replaceAll('-', ''));
    if (!isFixed(order)) writer.hex(marks[index] ?? '');
  }
  if (areKnown && !areSame) for (const value of values) writer.value(value ?? null);
  return areKnown ? values : null;
}

function readProgress(reader: ByteReader, order: Order, before: readonly KeyValue[]): Progress {
  const head = reader.byte();
  if (head === states.none) return null;
  if (head === states.done) return 'done';
  const has = (flag: number) => (head & flag) !== 0;
  const count = has(flags.isAlone) ? 1 : reader.number();
  if (count === 0 || count > rememberedIds) throw new RangeError('no position remembers so many ids');
  const ids: string[] = [];
  const marks: string[] = [];
  while (ids.length < count) {
    ids.push(withDashes(reader.hex(16)));
    marks.push(isFixed(order) ? unchanging : reader.hex(markBytes));
  }
  const values = has(flags.hasKeys) ? order.slice(1).map(() => reader.value()) : has(flags.hasSameKeys) ? before : null;
  const keys = values ? [...values, has(flags.hasUnknownId) ? undefined : ids[0]] : [];
  const position = { ids, marks, keys, isFromBeginning: has(flags.isFromBeginning) };
  return has(flags.isWhole) ? { ...position, isWhole: true } : position;
}

function notOfThisList(): CursorError {
  return new CursorError(
    'is not a cursor of this list. Pass a cursor on exactly as it was received, and start again without one when filter, orderBy, regions or the tenant change.',
  );
}

/** The mark of every row in an order that cannot change: see `markOf`. */
const unchanging = '0'.repeat(2 * markBytes);

function digestOf(list: ListIdentity, progress: Buffer): Buffer {
  return sha256(Buffer.concat([digestOfList(list), progress])).subarray(0, digestBytes);
}

const digests = new WeakMap<ListIdentity, Buffer>();

/** A filter can be long, and a page has a cursor for each row: so a list is digested once. */
function digestOfList(list: ListIdentity): Buffer {
  const known = digests.get(list);
  if (known) return known;
  const { kind, regions, tenants, order, filter } = list;
  const sort = order.map(({ key, direction }) => [key, direction]);
  const digest = sha256(JSON.stringify([kind, regions, tenants, sort, filter]));
  digests.set(list, digest);
  return digest;
}

function sha256(data: string | Buffer): Buffer {
  return hash('sha256', data, 'buffer');
}

function withDashes(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
