import type { Client } from './client.ts';
import { decodeBoolean, decodeName, decodeObject, decodeObjects, decodeText, type Wire } from './decode.ts';
import { type Page, type PageQuery, readPage } from './page.ts';
import { createResource } from './resource.ts';
import { Row } from './row.ts';

/** A kind of block storage (guide, "List Block Storage Types"), or the differently shaped one that an image upload names. */
export class VolumeType extends Row {
  get name() {
    return decodeName(this.wire.name);
  }
  get description() {
    return decodeText(this.wire.description);
  }
  get isPublic() {
    const { 'os-volume-type-access:is_public': inList, is_public: inUpload } = this.wire;
    return decodeBoolean(inList ?? inUpload);
  }
  /** Null where the upstream's policy hides them (FACTS 26). */
  get extraSpecs() {
    return decodeExtraSpecs(this.wire.extra_specs);
  }
}

/** Guide: "List Block Storage Types". */
export function listVolumeTypes(client: Client, query: PageQuery): Promise<Page<VolumeType>> {
  return readPage(client, volumeTypes, query);
}

const volumeTypes = createResource({ path: '/types', member: 'volume_type', row: VolumeType });

/** An object, or rows of `key` and `value` as in the guide's upload sample. */
function decodeExtraSpecs(value: unknown): Wire | null {
  if (!Array.isArray(value)) return decodeObject(value);
  const specs = decodeObjects(value).flatMap(({ key, value }) => (typeof key === 'string' ? [[key, value]] : []));
  return Object.fromEntries(specs);
}
