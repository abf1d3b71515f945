import { isUuid } from '../block-storage/decode.ts';
import type { Context } from '../context.ts';
import { type ArgumentPath, badArgument, badInput } from '../errors/coded-error.ts';
import type { Region } from '../regions.ts';
import { type NodeType, nodeTypes } from './node-type.ts';

/** What a global identifier names. */
interface GlobalId {
  readonly type: NodeType;
  readonly region: Region;
  readonly uuids: string[];
}

/** The most identifiers in one argument. */
export const maxIds = 100;

/** Relay's global identifier: type, region and UUIDs; opaque to clients. Lists have thousands of them. */
export function encodeGlobalId<Uuids extends string[]>(
  type: NodeType<object, Uuids>,
  region: Region,
  ...uuids: Uuids
): string {
  let text = `${type.name}:${region.code}`;
  for (const uuid of uuids) text += `:${uuid}`;
  // `btoa` is the fastest by far. Of the signs of base64 that base64url does not have, ASCII letters, digits, `-` and `:` give
  // only the padding.
  const padding = (3 - (text.length % 3)) % 3;
  const encoded = btoa(text);
  return padding === 0 ? encoded : encoded.slice(0, -padding);
}

/** Reads a global identifier; null for anything else, and for one of a region that is not in the table. */
export function decodeGlobalId(context: Context, text: string): GlobalId | null {
  if (text.length > 200 || !/^[A-Za-z0-9_=-]+$/.test(text)) return null;
  const [name = '', code, ...uuids] = Buffer.from(text, 'base64url').toString().split(':');
  const type = nodeTypes.get(name);
  const region = context.regions.find((region) => region.code === code);
  if (!type || !region || !uuids.every(isUuid) || uuids.length !== type.uuids) return null;
  return { type, region, uuids: uuids.map((uuid) => uuid.toLowerCase()) };
}

/**
 * Reads an argument that names an object: a global identifier, or a UUID together with its region.
 * @param argument.region the code given beside the id.
 * @throws `BAD_USER_INPUT` for another type or region than allowed, and for anything else.
 */
export function readId(
  context: Context,
  type: NodeType<object, [uuid: string]>,
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
export function readIdAnywhere(
  context: Context,
  type: NodeType<object, [uuid: string]>,
  path: ArgumentPath,
  id: string,
) {
  if (isUuid(id)) return { region: null, uuid: id.toLowerCase() };
  const decoded = decodeGlobalId(context, id);
  const [uuid] = decoded?.uuids ?? [];
  if (!decoded || uuid === undefined) throw badArgument(path, 'is neither a global id nor a UUID.');
  if (decoded.type !== type) throw badArgument(path, `must name a ${type.name}; it names a ${decoded.type.name}.`);
  return { region: decoded.region, uuid };
}

/** Checks how many identifiers an argument holds. */
export function checkIds(path: ArgumentPath, ids: readonly string[]): void {
  if (ids.length > maxIds) throw badArgument(path, `holds ${ids.length} identifiers; ${maxIds} are allowed.`);
}

/** The region of a code that the schema's enum has let through. */
export function findRegion(context: Context, code: string): Region {
  const region = context.regions.find((region) => region.code === code);
  if (!region) throw badInput(`There is no region ${code}.`);
  return region;
}
