import { brandWithType } from '@pothos/core';
import { isUuid } from '../block-storage/decode.ts';
import type { Context } from '../context.ts';
import { type ArgumentPath, badArgument } from '../errors/coded-error.ts';
import { builder } from './builder.ts';
import { decodeGlobalId, type GlobalId } from './global-id.ts';
import { AttachmentRef, RegionRef, SnapshotRef, VolumeRef, VolumeTypeRef } from './ref.ts';
import { type Selection, selectionOf } from './selection.ts';
import { readSnapshot } from './snapshot-query.ts';
import { readVolume } from './volume-query.ts';

type OutputType = Parameters<typeof brandWithType>[1];

builder.queryFields((t) => ({
  node: t.field({
    type: builder.nodeInterfaceRef(),
    description: 'Any object by its global identifier; null when there is none.',
    args: { id: t.arg.id({ required: true, description: 'Global identifier.' }) },
    resolve: (_root, { id }, context, info) =>
      readNode(context, { path: ['id'], id }, (type) => selectionOf(info, type)),
  }),
  nodes: t.field({
    type: [builder.nodeInterfaceRef()],
    nullable: { list: false, items: true },
    description: 'Many objects by their global identifiers, in the order asked for. A bad one is null, with an error.',
    args: { ids: t.arg.idList({ required: true, description: 'Global identifiers, 100 at most.' }) },
    resolve: (_root, { ids }, context, info) => {
      if (ids.length > 100) throw badArgument(['ids'], `holds ${ids.length} identifiers; 100 are allowed.`);
      // Each is a promise of its own, so that a bad id costs its own place only.
      return ids.map((id, index) => readNode(context, { path: ['ids', index], id }, (type) => selectionOf(info, type)));
    },
  }),
}));

/**
 * Any object by its global identifier; null when there is none.
 * @param expected the only type that it may name; any if left out.
 */
export async function readNode(
  context: Context,
  { path, id }: { readonly path: ArgumentPath; readonly id: string },
  select: (type: string) => Selection,
  expected?: string,
): Promise<object | null> {
  const decoded = decodeGlobalId(context, id);
  if (!decoded)
    throw badArgument(
      path,
      isUuid(id)
        ? 'is a UUID, and only a global id is allowed here. Pass an "id" as a query returned it.'
        : 'is not a global id. Pass an "id" as a query returned it.',
    );
  if (expected !== undefined && decoded.type !== expected)
    throw badArgument(path, `must name a ${expected}; it names a ${decoded.type}.`);
  const object = await readObject(context, decoded, select(decoded.type));
  const ref = refs[decoded.type];
  if (object && ref) brandWithType(object, ref);
  return object;
}

const refs: Record<string, OutputType | undefined> = {
  Region: RegionRef,
  Volume: VolumeRef,
  Snapshot: SnapshotRef,
  VolumeType: VolumeTypeRef,
  Attachment: AttachmentRef,
};

async function readObject(context: Context, { type, region, uuids }: GlobalId, selection: Selection) {
  const [uuid = '', attachmentUuid] = uuids;
  const loaders = context.loaders(region);
  switch (type) {
    case 'Region':
      return region;
    case 'Volume':
      return readVolume(context, region, uuid, selection);
    case 'Snapshot':
      return readSnapshot(context, region, uuid, selection);
    case 'VolumeType':
      return loaders.volumeTypeById(uuid);
    case 'Attachment': {
      const volume = await loaders.volumeById.load(uuid);
      return volume?.attachments?.find((attachment) => attachment.uuid === attachmentUuid) ?? null;
    }
    default:
      return null;
  }
}
