import { type Encryption, type Link, type Replication, volumeStatuses } from '../block-storage/volume.ts';
import { cost } from '../cost/field-cost.ts';
import { ofMany, shortList } from '../cost/figures.ts';
import { builder, idField } from './builder.ts';
import { encodeGlobalId } from './global-id.ts';
import { registerNodeType } from './node-type.ts';
import { prefetchForVolume } from './prefetch.ts';
import { AttachmentRef, RegionRef, SnapshotRef, VolumeRef, VolumeTypeRef } from './ref.ts';
import { statusEnum } from './status.ts';

export const volumeNode = registerNodeType(VolumeRef, {
  uuids: 1,
  isEntity: true,
  load: (context, region, uuid) => context.loaders(region).volumes.byId.load(uuid),
  prefetch: (context, region, selection, uuid) => prefetchForVolume(context.loaders(region), selection, uuid),
});

export const VolumeStatus = statusEnum('VolumeStatus', 'volume', volumeStatuses);

builder.objectType(VolumeRef, {
  description: 'A volume: block storage that can be attached to servers.',
  interfaces: [builder.nodeInterfaceRef()],
  fields: (t) => ({
    id: t.id({ ...idField, resolve: ({ region, uuid }) => encodeGlobalId(volumeNode, region, uuid) }),
    uuid: t.expose('uuid', { type: 'UUID', nullable: false, description: 'The upstream’s identifier.' }),
    region: t.expose('region', { type: RegionRef, nullable: false, description: 'Where the volume is.' }),
    tenantId: t.exposeString('tenantId', { description: 'The tenant that owns the volume.' }),
    name: t.exposeString('name', { description: 'Chosen by the user; need not be unique, may be null.' }),
    description: t.exposeString('description', { description: 'Free text.' }),
    status: t.field({
      type: VolumeStatus.ref,
      nullable: false,
      description: 'What the volume is doing; `UNKNOWN` for a word this schema does not know.',
      resolve: ({ status }) => VolumeStatus.read(status),
    }),
    statusText: t.exposeString('status', { description: 'The status in the upstream’s own word.' }),
    size: t.exposeInt('size', { description: 'In gigabytes.' }),
    availabilityZone: t.exposeString('availabilityZone', { description: 'Part of the region, such as `kr-pub-a`.' }),
    bootable: t.exposeBoolean('bootable', { description: 'Whether a server can start from the volume.' }),
    encrypted: t.exposeBoolean('encrypted', { description: 'Whether the volume is encrypted.' }),
    multiattach: t.exposeBoolean('multiattach', { description: 'Whether several servers may share the volume.' }),
    metadata: t.expose('metadata', {
      type: 'JSONObject',
      description: 'Keys and values of the user’s. Of an attached volume the upstream adds some of its own.',
    }),
    createdAt: t.expose('createdAt', { type: 'DateTime', description: 'When the volume was created.' }),
    userId: t.exposeString('userId', { description: 'The user who created the volume.' }),
    consistencyGroupId: t.exposeString('consistencyGroupId', { description: 'The group that the volume belongs to.' }),
    replication: t.expose('replication', { type: ReplicationRef, description: 'State of the volume’s replication.' }),
    encryption: t.expose('encryption', {
      type: EncryptionRef,
      description: 'The key that encrypts the volume; null where none is named.',
    }),
    links: t.expose('links', {
      type: [LinkRef],
      nullable: { list: true, items: false },
      extensions: cost({ length: shortList }),
      description: 'Addresses of the volume in the upstream’s REST API.',
    }),
  }),
});

/* The objects that a volume belongs to, is made from, and is attached to. */
builder.objectFields(VolumeRef, (t) => ({
  volumeTypeName: t.exposeString('volumeTypeName', { description: 'Name of the volume type. Costs no call.' }),
  volumeType: t.field({
    type: VolumeTypeRef,
    description: 'The volume type; null when the list of types does not show it to the tenant.',
    resolve: ({ region, volumeTypeName }, _args, context) =>
      volumeTypeName === null ? null : context.loaders(region).volumeTypes.byName(volumeTypeName),
  }),
  sourceSnapshotUuid: t.expose('sourceSnapshotUuid', {
    type: 'UUID',
    description: 'The snapshot that the volume was made from. Costs no call.',
  }),
  sourceSnapshot: t.field({
    type: SnapshotRef,
    extensions: cost({ scans: ofMany }),
    description: 'The snapshot that the volume was made from; null when it is gone.',
    resolve: ({ region, sourceSnapshotUuid }, _args, context) =>
      sourceSnapshotUuid === null ? null : context.loaders(region).snapshots.byId.load(sourceSnapshotUuid),
  }),
  sourceVolumeUuid: t.expose('sourceVolumeUuid', {
    type: 'UUID',
    description: 'The volume that this one is a copy of. Costs no call.',
  }),
  sourceVolume: t.field({
    type: VolumeRef,
    extensions: cost({ scans: ofMany }),
    description: 'The volume that this one is a copy of; null when it is gone.',
    resolve: ({ region, sourceVolumeUuid }, _args, context) =>
      sourceVolumeUuid === null ? null : context.loaders(region).volumes.byId.load(sourceVolumeUuid),
  }),
  attachments: t.expose('attachments', {
    type: [AttachmentRef],
    nullable: { list: true, items: false },
    extensions: cost({ length: shortList }),
    description: 'The servers that the volume is attached to.',
  }),
}));

const ReplicationRef = builder.objectRef<Replication>('VolumeReplication').implement({
  description: 'State of a volume’s replication.',
  fields: (t) => ({
    status: t.exposeString('status', { description: 'Such as `disabled`.' }),
    extendedStatus: t.exposeString('extendedStatus', { description: 'What the backend says of it.' }),
    driverData: t.exposeString('driverData', { description: 'What the backend keeps about it.' }),
  }),
});

const EncryptionRef = builder.objectRef<Encryption>('VolumeEncryption').implement({
  description: 'The symmetric key of Secure Key Manager that encrypts a volume.',
  fields: (t) => ({
    keyId: t.exposeString('keyId', { description: 'Identifier of the key.' }),
    keyVersion: t.exposeInt('keyVersion', { description: 'Version of the key.' }),
  }),
});

const LinkRef = builder.objectRef<Link>('VolumeLink').implement({
  description: 'An address in the upstream’s REST API. For reference; the gateway never follows it.',
  fields: (t) => ({
    rel: t.exposeString('rel', { description: '`self` or `bookmark`.' }),
    href: t.exposeString('href', { description: 'The address.' }),
  }),
});
