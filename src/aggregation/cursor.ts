import { hash } from 'node:crypto';
import { z } from 'zod';
import { type Order, type Position, rememberedIds } from '../block-storage/order.ts';

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

/** A cursor is no cursor, or not one of this list. The message says what to do. */
export class CursorError extends Error {
  override readonly name = 'CursorError';
}

/**
 * Writes a cursor: the format's version, a digest, and the progress per region. It holds all that is needed to go on, so
 * any replica can. The digest is of the list and the progress: a cursor that was damaged, or is of another list, does not
 * go unnoticed.
 */
export function encodeCursor(list: ListIdentity, progress: readonly Progress[]): string {
  const written = progress.map(write);
  return Buffer.from(JSON.stringify([version, digestOf(list, written), written])).toString('base64url');
}

/**
 * Reads a cursor of this list.
 * @throws `CursorError` when it is damaged, too long, or of another list.
 */
export function decodeCursor(list: ListIdentity, cursor: string): Progress[] {
  if (cursor.length > maxLength || !/^[A-Za-z0-9_-]+$/.test(cursor)) throw notOfThisList();
  const read = Cursor.safeParse(parseJson(Buffer.from(cursor, 'base64url').toString()));
  if (!read.success) throw notOfThisList();
  const [, digest, progress] = read.data;
  if (digest !== digestOf(list, progress) || progress.length !== list.regions.length) throw notOfThisList();
  return progress.map((region) =>
    Array.isArray(region)
      ? {
          ids: region[0].map((remembered) => withDashes(remembered.slice(0, 32))),
          marks: region[0].map((remembered) => remembered.slice(32)),
          keys: region[1],
          isWhole: region[2] === 1,
        }
      : region === 0
        ? 'done'
        : null,
  );
}

const version = 1;
const maxLength = 64 * 1024;

const Cursor = z.tuple([
  z.literal(version),
  z.string().length(16),
  z.array(
    z.union([
      z.literal(0),
      z.null(),
      z.tuple([
        z
          .array(z.string().regex(/^[0-9a-f]{40}$/))
          .min(1)
          .max(rememberedIds),
        z.array(z.union([z.string().max(1024), z.number(), z.null()])).max(8),
        z.literal([0, 1]),
      ]),
    ]),
  ),
]);

/** Done is 0. Keys that are not all known are left out. */
function write(progress: Progress) {
  if (progress === 'done') return 0;
  if (progress === null) return null;
  const { ids, marks, keys, isWhole } = progress;
  return [
    ids.map((id, index) => withoutDashes(id) + marks[index]),
    keys.includes(undefined) ? [] : keys,
    isWhole ? 1 : 0,
  ];
}

function notOfThisList(): CursorError {
  return new CursorError(
    '"after" is no cursor of this list. Pass a cursor on exactly as it was received, and start again without one when other arguments, the tenant or the regions change.',
  );
}

function digestOf(list: ListIdentity, written: unknown): string {
  return sha256(digestOfList(list) + JSON.stringify(written)).slice(0, 16);
}

const digests = new WeakMap<ListIdentity, string>();

/** A filter can be long, and a page has a cursor for each row: so a list is digested once. */
function digestOfList(list: ListIdentity): string {
  const { kind, regions, tenants, order, filter } = list;
  const sort = order.map(({ key, direction }) => [key, direction]);
  const digest = digests.get(list) ?? sha256(JSON.stringify([kind, regions, tenants, sort, filter]));
  digests.set(list, digest);
  return digest;
}

function sha256(text: string): string {
  return hash('sha256', text, 'base64url');
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
