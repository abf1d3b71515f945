import { isUuid } from '../block-storage/decode.ts';
import type { Context } from '../context.ts';
import { type ArgumentPath, badArgument, badInput } from '../errors/coded-error.ts';
import type { Region } from '../regions.ts';

/** What a global identifier names. A region has no UUIDs, an attachment has its volume's and its own. */
export interface GlobalId {
  readonly type: string;
  readonly region: Region;
  readonly uuids: readonly string[];
}

/** The field of it, the same on every object that has one. It is resolved at once: a list has it a thousand times. */
export const idField = { nullable: false, description: 'Relay’s global identifier; opaque.' } as const;

/** Relay's global identifier: type, region and UUIDs; opaque to clients. */
export function encodeGlobalId(type: string, parts: readonly string[]): string {
  return Buffer.from(`${type}:${parts.join(':')}`).toString('base64url');
}

/** Reads a global identifier; null for anything else, and for one of a region that is not in the table. */
export function decodeGlobalId(context: Context, text: string): GlobalId | null {
  if (text.length > 200 || !/^[A-Za-z0-9_=-]+$/.test(text)) return null;
  const [type = '', code, ...uuids] = Buffer.from(text, 'base64url').toString().split(':');
  const region = context.regions.find((region) => region.code === code);
  if (!region || !uuids.every(isUuid) || uuids.length !== uuidsIn[type]) return null;
  return { type, region, uuids: uuids.map((uuid) => uuid.toLowerCase()) };
}

const uuidsIn: Record<string, number | undefined> = { Region: 0, Volume: 1, Snapshot: 1, VolumeType: 1, Attachment: 2 };

/**
 * Reads an argument that names an object: a global identifier, or a UUID together with its region.
 * @param argument.region the code given beside the id.
 * @throws `BAD_USER_INPUT` for another type or region than allowed, and for anything else.
 */
export function readId(
  context: Context,
  type: 'Volume' | 'Snapshot' | 'VolumeType',
  argument: { readonly path: ArgumentPath; readonly id: string; readonly region: string | null | undefined },
): { region: Region; uuid: string } {
  const { path, id } = argument;
  const given = argument.region == null ? null : findRegion(context, argument.region);
  const { region, uuid } = readIdAnywhere(context, type, path, id);
  if (region && given && region !== given)
    throw badArgument(path, `is of region ${region.enumName}, not ${given.enumName}.`);
  const known = region ?? given;
  if (!known) throw badArgument(path, 'is a UUID: give its region too, or use the global id.');
  return { region: known, uuid };
}

/** Reads an argument that names an object, whose region need not be known: null with a UUID. */
export function readIdAnywhere(context: Context, type: string, path: ArgumentPath, id: string) {
  if (isUuid(id)) return { region: null, uuid: id.toLowerCase() };
  const decoded = decodeGlobalId(context, id);
  const [uuid] = decoded?.uuids ?? [];
  if (!decoded || uuid === undefined) throw badArgument(path, 'is neither a global id nor a UUID.');
  if (decoded.type !== type) throw badArgument(path, `must name a ${type}; it names a ${decoded.type}.`);
  return { region: decoded.region, uuid };
}

/** The region of a code that the schema's enum has let through. */
export function findRegion(context: Context, code: string): Region {
  const region = context.regions.find((region) => region.code === code);
  if (!region) throw badInput(`There is no region ${code}.`);
  return region;
}
