import type { Region } from '../regions.ts';
import type { Client } from './client.ts';
import { decodeBoolean, decodeName, decodeObject, decodeObjects, decodeText, type Wire } from './decode.ts';
import { type Page, type PageQuery, readPage } from './page.ts';

/** A kind of block storage (guide, "List Block Storage Types"). */
export interface VolumeType {
  readonly region: Region;
  readonly uuid: string;
  readonly name: string | null;
  readonly description: string | null;
  readonly isPublic: boolean | null;
  /** Null where the upstream's policy hides them (FACTS 26). */
  readonly extraSpecs: Wire | null;
}

/** Guide: "List Block Storage Types". */
export function listVolumeTypes(client: Client, query: PageQuery): Promise<Page<VolumeType>> {
  return readPage(client, { path: '/types', member: 'volume_type', decode: decodeVolumeType }, query);
}

/** Reads a type of the list, or the differently shaped one in the answer of an image upload. */
export function decodeVolumeType(wire: Wire, uuid: string, { region }: Client): VolumeType {
  return {
    region,
    uuid,
    name: decodeName(wire.name),
    description: decodeText(wire.description),
    isPublic: decodeBoolean(wire['os-volume-type-access:is_public'] ?? wire.is_public),
    extraSpecs: decodeExtraSpecs(wire.extra_specs),
  };
}

/** An object, or rows of `key` and `value` as in the guide's upload sample. */
function decodeExtraSpecs(value: unknown): Wire | null {
  if (!Array.isArray(value)) return decodeObject(value);
  const specs = decodeObjects(value).flatMap(({ key, value }) => (typeof key === 'string' ? [[key, value]] : []));
  return Object.fromEntries(specs);
}
