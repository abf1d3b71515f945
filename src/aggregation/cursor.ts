import { createHash } from 'node:crypto';
import { z } from 'zod';
import type { KeyValue, Order } from './order.ts';

/** What a list is a list of. A cursor of one list means nothing in another. */
export interface ListIdentity {
  /** Such as `volumes`, or `snapshots of <volume>`. */
  readonly kind: string;
  /** The tenant of each region, in the order of the regions. */
  readonly tenants: readonly string[];
  readonly regions: readonly string[];
  readonly order: Order;
}

/** How far a list has been read in one region. */
export interface Position {
  /** The ids of the last rows read, newest first: when the first is deleted the next can be the marker. */
  readonly ids: readonly string[];
  /** The last row's keys, in the list's order. */
  readonly keys: readonly KeyValue[];
}

/** A cursor is no cursor, or not one of this list. The message says what to do. */
export class CursorError extends Error {
  override readonly name = 'CursorError';
}

/** How many ids a position remembers. */
export const rememberedIds = 8;

/**
 * Writes a cursor: the format's version, a digest, and a position per region (null: not begun). It holds all that is
 * needed to go on, so any replica can. The digest is of the list and the positions: a cursor that was damaged, or is of
 * another list, does not go unnoticed.
 */
export function encodeCursor(list: ListIdentity, positions: readonly (Position | null)[]): string {
  const written = positions.map((position) => position && [position.ids.map(withoutDashes), position.keys]);
  return Buffer.from(JSON.stringify([version, digestOf(list, written), written])).toString('base64url');
}

/**
 * Reads a cursor of this list.
 * @throws `CursorError` when it is damaged, too long, or of another list.
 */
export function decodeCursor(list: ListIdentity, cursor: string): (Position | null)[] {
  if (cursor.length > maxLength || !/^[A-Za-z0-9_-]+$/.test(cursor)) throw notOfThisList();
  const read = Cursor.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()));
  if (!read.success) throw notOfThisList();
  const [, digest, positions] = read.data;
  if (digest !== digestOf(list, positions) || positions.length !== list.regions.length) throw notOfThisList();
  return positions.map((position) => position && { ids: position[0].map(withDashes), keys: position[1] });
}

const version = 1;
const maxLength = 16_384;

const Cursor = z.tuple([
  z.literal(version),
  z.string().length(16),
  z.array(
    z
      .tuple([
        z
          .array(z.string().regex(/^[0-9a-f]{32}$/))
          .min(1)
          .max(rememberedIds),
        z.array(z.union([z.string().max(1024), z.number(), z.null()])).max(8),
      ])
      .nullable(),
  ),
]);

function notOfThisList(): CursorError {
  return new CursorError(
    '"after" is no cursor of this list. Pass a cursor on exactly as it was received, and start again without one when other arguments, the tenant or the region change.',
  );
}

function digestOf({ kind, tenants, regions, order }: ListIdentity, positions: unknown): string {
  const sort = order.map(({ key, direction }) => [key, direction]);
  const digested = JSON.stringify([kind, tenants, regions, sort, positions]);
  return createHash('sha256').update(digested).digest('base64url').slice(0, 16);
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return null;
  }
}

function withoutDashes(uuid: string): string {
  return uuid.replaceAll('-', '');
}

function withDashes(hex: string): string {
  return hex.replace(/^(.{8})(.{4})(.{4})(.{4})(.{12})$/, '$1-$2-$3-$4-$5');
}
