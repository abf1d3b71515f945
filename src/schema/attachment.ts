import { builder, idField } from './builder.ts';
import { encodeGlobalId } from './global-id.ts';
import { registerNodeType } from './node-type.ts';
import { AttachmentRef, VolumeRef } from './ref.ts';

const attachmentNode = registerNodeType(AttachmentRef, {
  uuids: 2,
  isEntity: false,
  async load(context, region, volumeUuid, uuid) {
    const volume = await context.loaders(region).volumes.byId.load(volumeUuid);
    return volume?.attachments?.find((attachment) => attachment.uuid === uuid) ?? null;
  },
});

const Server = builder.objectRef<string>('Server').implement({
  description: 'A server of the compute service, of which this API knows only the identifier.',
  fields: (t) => ({
    uuid: t.field({
      type: 'UUID',
      nullable: false,
      description: 'The compute service’s identifier of the server.',
      resolve: (uuid) => uuid,
    }),
  }),
});

builder.objectType(AttachmentRef, {
  description: 'The attachment of a volume to a server. A multi-attach volume can have several.',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({
      ...idField,
      resolve: ({ region, volumeUuid, uuid }) => encodeGlobalId(attachmentNode, region, volumeUuid, uuid),
    }),
    uuid: t.expose('uuid', { type: 'UUID', nullable: false, description: 'The upstream’s `attachment_id`.' }),
    device: t.exposeString('device', { description: 'Name of the device inside the server, such as `/dev/vdb`.' }),
    volumeUuid: t.expose('volumeUuid', { type: 'UUID', description: 'The volume. Costs no call.' }),
    volume: t.field({
      type: VolumeRef,
      description: 'The volume.',
      resolve: ({ region, volumeUuid }, _args, context) => context.loaders(region).volumes.byId.load(volumeUuid),
    }),
    server: t.field({
      type: Server,
      description: 'The server that the volume is attached to. Costs no call.',
      resolve: ({ serverUuid }) => serverUuid,
    }),
  }),
});
