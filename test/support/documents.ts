/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** What to take a snapshot of. */
export type CreateSnapshotInput = {
  /** Free text, at most 255 characters. */
  description?: string | null | undefined;
  /** Also while the volume is attached. */
  force?: boolean | null | undefined;
  /** At most 255 characters. */
  name?: string | null | undefined;
  /** Needed with a UUID only. */
  region?: RegionCode | null | undefined;
  /** Global identifier, or a UUID together with `region`. */
  volumeId: string | number;
};

/** What to create. What is left out is left to the region. */
export type CreateVolumeInput = {
  /** Part of the region, such as `kr-pub-a`. */
  availabilityZone?: string | null | undefined;
  /** Free text, at most 255 characters. */
  description?: string | null | undefined;
  /** Encrypts the volume. */
  encryption?: VolumeEncryptionInput | null | undefined;
  /** Keys and text values, 255 characters at most each. */
  metadata?: Record<string, unknown> | null | undefined;
  /** At most 255 characters. */
  name?: string | null | undefined;
  /** Where to create it. */
  region: RegionCode;
  /** In gigabytes. May be left out with a source: then the source’s size is taken. */
  size?: number | null | undefined;
  /** The snapshot to make it from: global identifier or UUID. */
  snapshotId?: string | number | null | undefined;
  /** The volume to copy: global identifier or UUID. */
  sourceVolumeId?: string | number | null | undefined;
  /** Name of a volume type, see `volumeTypes`. */
  volumeType?: string | null | undefined;
};

/** What to delete. */
export type DeleteSnapshotInput = {
  /** Global identifier, or a UUID together with `region`. */
  id: string | number;
  /** Needed with a UUID only. */
  region?: RegionCode | null | undefined;
};

/** What to delete. */
export type DeleteVolumeInput = {
  /** Global identifier, or a UUID together with `region`. */
  id: string | number;
  /** Needed with a UUID only. */
  region?: RegionCode | null | undefined;
};

/** Who may use an image. */
export type ImageVisibility =
  /** The tenant alone. */
  | 'PRIVATE'
  /** The tenants it is shared with. */
  | 'SHARED';

/** Which end of a list comes first. */
export type OrderDirection =
  /** Smallest, oldest or nameless first. */
  | 'ASC'
  /** Largest or newest first. */
  | 'DESC';

/** A region of the gateway’s table. Upper case; `-` becomes `_`. */
export type RegionCode =
  /** Japan. */
  | 'JP1'
  /** Korea (Pangyo). */
  | 'KR1'
  /** Korea (Pyeongchon). */
  | 'KR2';

/** One key to order snapshots by; ties are broken by the next, at last by identifier. */
export type SnapshotOrder = {
  /** Which end comes first. */
  direction: OrderDirection;
  /** What to order by. */
  field: SnapshotOrderField;
};

/** What snapshots can be ordered by. */
export type SnapshotOrderField =
  /** By the time of creation. */
  | 'CREATED_AT'
  /** By name, as the region collates. */
  | 'NAME'
  /** By size. */
  | 'SIZE'
  /** By the upstream’s word for the status. */
  | 'STATUS';

/** What a snapshot is doing. */
export type SnapshotStatus =
  /** The snapshot is ready. */
  | 'AVAILABLE'
  /** The snapshot is being backed up. */
  | 'BACKING_UP'
  /** The snapshot is being taken. */
  | 'CREATING'
  /** The snapshot is deleted. */
  | 'DELETED'
  /** The snapshot is being deleted. */
  | 'DELETING'
  /** The snapshot could not be taken. */
  | 'ERROR'
  /** The snapshot could not be deleted. */
  | 'ERROR_DELETING'
  /** A volume is being restored from the snapshot. */
  | 'RESTORING'
  /** A word that this schema does not know; see `statusText`. */
  | 'UNKNOWN'
  /** The snapshot is no longer managed. */
  | 'UNMANAGING';

/** What to make an image of, and how. What is left out is left to the region. */
export type UploadVolumeToImageInput = {
  /** Such as `bare`. */
  containerFormat?: string | null | undefined;
  /** Such as `qcow2` or `raw`. */
  diskFormat?: string | null | undefined;
  /** Also while the volume is attached. */
  force?: boolean | null | undefined;
  /** 1 to 255 characters. */
  imageName: string;
  /** A protected image cannot be changed or deleted. */
  protected?: boolean | null | undefined;
  /** Needed with a UUID only. */
  region?: RegionCode | null | undefined;
  /** Who may use the image. */
  visibility?: ImageVisibility | null | undefined;
  /** Global identifier, or a UUID together with `region`. */
  volumeId: string | number;
};

/** The symmetric key of Secure Key Manager to encrypt the volume with. */
export type VolumeEncryptionInput = {
  /** Appkey of Secure Key Manager; secret. */
  appKey: string;
  /** Identifier of the symmetric key. */
  keyId: string;
};

/** One key to order volumes by; ties are broken by the next, at last by identifier. */
export type VolumeOrder = {
  /** Which end comes first. */
  direction: OrderDirection;
  /** What to order by. */
  field: VolumeOrderField;
};

/** What volumes can be ordered by. */
export type VolumeOrderField =
  /** By availability zone. */
  | 'AVAILABILITY_ZONE'
  /** By the time of creation. */
  | 'CREATED_AT'
  /** By name, as the region collates. */
  | 'NAME'
  /** By size. */
  | 'SIZE'
  /** By the upstream’s word for the status. */
  | 'STATUS';

/** What a volume is doing. */
export type VolumeStatus =
  /** The volume is being attached to a server. */
  | 'ATTACHING'
  /** The volume is ready to be attached. */
  | 'AVAILABLE'
  /** The volume waits to be transferred. */
  | 'AWAITING_TRANSFER'
  /** The volume is being backed up. */
  | 'BACKING_UP'
  /** The volume is being created. */
  | 'CREATING'
  /** The volume is being deleted. */
  | 'DELETING'
  /** The volume is being detached from a server. */
  | 'DETACHING'
  /** An image is being written to the new volume. */
  | 'DOWNLOADING'
  /** The volume could not be created. */
  | 'ERROR'
  /** The volume could not be backed up. */
  | 'ERROR_BACKING_UP'
  /** The volume could not be deleted. */
  | 'ERROR_DELETING'
  /** The volume could not be extended. */
  | 'ERROR_EXTENDING'
  /** The volume could not be restored. */
  | 'ERROR_RESTORING'
  /** The volume is being extended. */
  | 'EXTENDING'
  /** The volume is attached to a server. */
  | 'IN_USE'
  /** The volume is moving to other equipment. */
  | 'MAINTENANCE'
  /** The root volume of a terminated server. */
  | 'RESERVED'
  /** The volume is being restored from a backup. */
  | 'RESTORING_BACKUP'
  /** The type of the volume is being changed. */
  | 'RETYPING'
  /** A word that this schema does not know; see `statusText`. */
  | 'UNKNOWN'
  /** An image is being made of the volume. */
  | 'UPLOADING';

export type VolumeInFullFragment = { id: string, uuid: string, tenantId: string | null, name: string | null, description: string | null, status: VolumeStatus, statusText: string | null, size: number | null, availabilityZone: string | null, bootable: boolean | null, encrypted: boolean | null, multiattach: boolean | null, metadata: Record<string, unknown> | null, createdAt: string | null, userId: string | null, consistencyGroupId: string | null, volumeTypeName: string | null, sourceSnapshotUuid: string | null, sourceVolumeUuid: string | null, region: { code: RegionCode }, replication: { status: string | null, extendedStatus: string | null, driverData: string | null } | null, encryption: { keyId: string | null, keyVersion: number | null } | null, links: Array<{ rel: string | null, href: string | null }> | null, volumeType: { uuid: string } | null, sourceSnapshot: { uuid: string } | null, sourceVolume: { uuid: string } | null, attachments: Array<{ id: string, uuid: string, device: string | null, volumeUuid: string | null, volume: { uuid: string } | null, server: { uuid: string } | null }> | null, snapshots: { nodes: Array<{ uuid: string }> } | null };

export type SnapshotInFullFragment = { id: string, uuid: string, name: string | null, description: string | null, status: SnapshotStatus, statusText: string | null, size: number | null, createdAt: string | null, metadata: Record<string, unknown> | null, progress: string | null, projectId: string | null, volumeUuid: string | null, region: { code: RegionCode } };

export type VolumesInFullQueryVariables = Exact<{
  region: RegionCode;
  first?: number | null | undefined;
  after?: string | null | undefined;
  offset?: number | null | undefined;
  orderBy?: Array<VolumeOrder> | VolumeOrder | null | undefined;
}>;


export type VolumesInFullQuery = { region: { volumes: { nodes: Array<{ id: string, uuid: string, tenantId: string | null, name: string | null, description: string | null, status: VolumeStatus, statusText: string | null, size: number | null, availabilityZone: string | null, bootable: boolean | null, encrypted: boolean | null, multiattach: boolean | null, metadata: Record<string, unknown> | null, createdAt: string | null, userId: string | null, consistencyGroupId: string | null, volumeTypeName: string | null, sourceSnapshotUuid: string | null, sourceVolumeUuid: string | null, region: { code: RegionCode }, replication: { status: string | null, extendedStatus: string | null, driverData: string | null } | null, encryption: { keyId: string | null, keyVersion: number | null } | null, links: Array<{ rel: string | null, href: string | null }> | null, volumeType: { uuid: string } | null, sourceSnapshot: { uuid: string } | null, sourceVolume: { uuid: string } | null, attachments: Array<{ id: string, uuid: string, device: string | null, volumeUuid: string | null, volume: { uuid: string } | null, server: { uuid: string } | null }> | null, snapshots: { nodes: Array<{ uuid: string }> } | null }>, edges: Array<{ cursor: string }>, pageInfo: { hasNextPage: boolean, hasPreviousPage: boolean, startCursor: string | null, endCursor: string | null } } | null } | null };

export type VolumeInFullByIdQueryVariables = Exact<{
  id: string | number;
  region?: RegionCode | null | undefined;
}>;


export type VolumeInFullByIdQuery = { volume: { id: string, uuid: string, tenantId: string | null, name: string | null, description: string | null, status: VolumeStatus, statusText: string | null, size: number | null, availabilityZone: string | null, bootable: boolean | null, encrypted: boolean | null, multiattach: boolean | null, metadata: Record<string, unknown> | null, createdAt: string | null, userId: string | null, consistencyGroupId: string | null, volumeTypeName: string | null, sourceSnapshotUuid: string | null, sourceVolumeUuid: string | null, region: { code: RegionCode }, replication: { status: string | null, extendedStatus: string | null, driverData: string | null } | null, encryption: { keyId: string | null, keyVersion: number | null } | null, links: Array<{ rel: string | null, href: string | null }> | null, volumeType: { uuid: string } | null, sourceSnapshot: { uuid: string } | null, sourceVolume: { uuid: string } | null, attachments: Array<{ id: string, uuid: string, device: string | null, volumeUuid: string | null, volume: { uuid: string } | null, server: { uuid: string } | null }> | null, snapshots: { nodes: Array<{ uuid: string }> } | null } | null };

export type SnapshotInFullByIdQueryVariables = Exact<{
  id: string | number;
  region?: RegionCode | null | undefined;
}>;


export type SnapshotInFullByIdQuery = { snapshot: { id: string, uuid: string, name: string | null, description: string | null, status: SnapshotStatus, statusText: string | null, size: number | null, createdAt: string | null, metadata: Record<string, unknown> | null, progress: string | null, projectId: string | null, volumeUuid: string | null, region: { code: RegionCode } } | null };

export type SnapshotsInFullQueryVariables = Exact<{
  region: RegionCode;
  first?: number | null | undefined;
  after?: string | null | undefined;
  orderBy?: Array<SnapshotOrder> | SnapshotOrder | null | undefined;
}>;


export type SnapshotsInFullQuery = { region: { snapshots: { nodes: Array<{ id: string, uuid: string, name: string | null, description: string | null, status: SnapshotStatus, statusText: string | null, size: number | null, createdAt: string | null, metadata: Record<string, unknown> | null, progress: string | null, projectId: string | null, volumeUuid: string | null, region: { code: RegionCode } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null } } | null } | null };

export type VolumeTypesInFullQueryVariables = Exact<{
  region: RegionCode;
}>;


export type VolumeTypesInFullQuery = { region: { volumeTypes: { nodes: Array<{ id: string, uuid: string, name: string | null, description: string | null, isPublic: boolean | null, extraSpecs: Record<string, unknown> | null, region: { code: RegionCode } }> } | null } | null };

export type CreateVolumeMutationVariables = Exact<{
  input: CreateVolumeInput;
}>;


export type CreateVolumeMutation = { createVolume: { volume: { id: string, uuid: string, tenantId: string | null, name: string | null, description: string | null, status: VolumeStatus, statusText: string | null, size: number | null, availabilityZone: string | null, bootable: boolean | null, encrypted: boolean | null, multiattach: boolean | null, metadata: Record<string, unknown> | null, createdAt: string | null, userId: string | null, consistencyGroupId: string | null, volumeTypeName: string | null, sourceSnapshotUuid: string | null, sourceVolumeUuid: string | null, region: { code: RegionCode }, replication: { status: string | null, extendedStatus: string | null, driverData: string | null } | null, encryption: { keyId: string | null, keyVersion: number | null } | null, links: Array<{ rel: string | null, href: string | null }> | null, volumeType: { uuid: string } | null, sourceSnapshot: { uuid: string } | null, sourceVolume: { uuid: string } | null, attachments: Array<{ id: string, uuid: string, device: string | null, volumeUuid: string | null, volume: { uuid: string } | null, server: { uuid: string } | null }> | null, snapshots: { nodes: Array<{ uuid: string }> } | null } | null } | null };

export type DeleteVolumeMutationVariables = Exact<{
  input: DeleteVolumeInput;
}>;


export type DeleteVolumeMutation = { deleteVolume: { deletedVolumeId: string, volume: { status: VolumeStatus } | null } | null };

export type CreateSnapshotMutationVariables = Exact<{
  input: CreateSnapshotInput;
}>;


export type CreateSnapshotMutation = { createSnapshot: { snapshot: { id: string, uuid: string, name: string | null, description: string | null, status: SnapshotStatus, statusText: string | null, size: number | null, createdAt: string | null, metadata: Record<string, unknown> | null, progress: string | null, projectId: string | null, volumeUuid: string | null, region: { code: RegionCode } } | null } | null };

export type DeleteSnapshotMutationVariables = Exact<{
  input: DeleteSnapshotInput;
}>;


export type DeleteSnapshotMutation = { deleteSnapshot: { deletedSnapshotId: string, snapshot: { status: SnapshotStatus } | null } | null };

export type UploadVolumeToImageMutationVariables = Exact<{
  input: UploadVolumeToImageInput;
}>;


export type UploadVolumeToImageMutation = { uploadVolumeToImage: { image: { imageId: string | null, imageName: string | null, diskFormat: string | null, containerFormat: string | null, status: VolumeStatus, statusText: string | null, updatedAt: string | null, description: string | null, size: number | null, volume: { uuid: string, status: VolumeStatus } | null, volumeType: { uuid: string, name: string | null, description: string | null, isPublic: boolean | null, extraSpecs: Record<string, unknown> | null } | null } | null } | null };

export const VolumeInFullFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"VolumeInFull"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Volume"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"region"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}}]}},{"kind":"Field","name":{"kind":"Name","value":"tenantId"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusText"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"availabilityZone"}},{"kind":"Field","name":{"kind":"Name","value":"bootable"}},{"kind":"Field","name":{"kind":"Name","value":"encrypted"}},{"kind":"Field","name":{"kind":"Name","value":"multiattach"}},{"kind":"Field","name":{"kind":"Name","value":"metadata"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"userId"}},{"kind":"Field","name":{"kind":"Name","value":"consistencyGroupId"}},{"kind":"Field","name":{"kind":"Name","value":"replication"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"extendedStatus"}},{"kind":"Field","name":{"kind":"Name","value":"driverData"}}]}},{"kind":"Field","name":{"kind":"Name","value":"encryption"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"keyId"}},{"kind":"Field","name":{"kind":"Name","value":"keyVersion"}}]}},{"kind":"Field","name":{"kind":"Name","value":"links"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rel"}},{"kind":"Field","name":{"kind":"Name","value":"href"}}]}},{"kind":"Field","name":{"kind":"Name","value":"volumeTypeName"}},{"kind":"Field","name":{"kind":"Name","value":"volumeType"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}},{"kind":"Field","name":{"kind":"Name","value":"sourceSnapshotUuid"}},{"kind":"Field","name":{"kind":"Name","value":"sourceSnapshot"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}},{"kind":"Field","name":{"kind":"Name","value":"sourceVolumeUuid"}},{"kind":"Field","name":{"kind":"Name","value":"sourceVolume"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}},{"kind":"Field","name":{"kind":"Name","value":"attachments"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"device"}},{"kind":"Field","name":{"kind":"Name","value":"volumeUuid"}},{"kind":"Field","name":{"kind":"Name","value":"volume"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}},{"kind":"Field","name":{"kind":"Name","value":"server"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"snapshots"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}}]}}]}}]} as unknown as DocumentNode<VolumeInFullFragment, unknown>;
export const SnapshotInFullFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"SnapshotInFull"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Snapshot"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"region"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}}]}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusText"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"metadata"}},{"kind":"Field","name":{"kind":"Name","value":"progress"}},{"kind":"Field","name":{"kind":"Name","value":"projectId"}},{"kind":"Field","name":{"kind":"Name","value":"volumeUuid"}}]}}]} as unknown as DocumentNode<SnapshotInFullFragment, unknown>;
export const VolumesInFullDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"VolumesInFull"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"region"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RegionCode"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"offset"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"orderBy"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"VolumeOrder"}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"region"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"code"},"value":{"kind":"Variable","name":{"kind":"Name","value":"region"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"volumes"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"offset"},"value":{"kind":"Variable","name":{"kind":"Name","value":"offset"}}},{"kind":"Argument","name":{"kind":"Name","value":"orderBy"},"value":{"kind":"Variable","name":{"kind":"Name","value":"orderBy"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"VolumeInFull"}}]}},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"hasPreviousPage"}},{"kind":"Field","name":{"kind":"Name","value":"startCursor"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"VolumeInFull"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Volume"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"region"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}}]}},{"kind":"Field","name":{"kind":"Name","value":"tenantId"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusText"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"availabilityZone"}},{"kind":"Field","name":{"kind":"Name","value":"bootable"}},{"kind":"Field","name":{"kind":"Name","value":"encrypted"}},{"kind":"Field","name":{"kind":"Name","value":"multiattach"}},{"kind":"Field","name":{"kind":"Name","value":"metadata"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"userId"}},{"kind":"Field","name":{"kind":"Name","value":"consistencyGroupId"}},{"kind":"Field","name":{"kind":"Name","value":"replication"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"extendedStatus"}},{"kind":"Field","name":{"kind":"Name","value":"driverData"}}]}},{"kind":"Field","name":{"kind":"Name","value":"encryption"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"keyId"}},{"kind":"Field","name":{"kind":"Name","value":"keyVersion"}}]}},{"kind":"Field","name":{"kind":"Name","value":"links"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rel"}},{"kind":"Field","name":{"kind":"Name","value":"href"}}]}},{"kind":"Field","name":{"kind":"Name","value":"volumeTypeName"}},{"kind":"Field","name":{"kind":"Name","value":"volumeType"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}},{"kind":"Field","name":{"kind":"Name","value":"sourceSnapshotUuid"}},{"kind":"Field","name":{"kind":"Name","value":"sourceSnapshot"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}},{"kind":"Field","name":{"kind":"Name","value":"sourceVolumeUuid"}},{"kind":"Field","name":{"kind":"Name","value":"sourceVolume"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}},{"kind":"Field","name":{"kind":"Name","value":"attachments"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"device"}},{"kind":"Field","name":{"kind":"Name","value":"volumeUuid"}},{"kind":"Field","name":{"kind":"Name","value":"volume"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}},{"kind":"Field","name":{"kind":"Name","value":"server"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"snapshots"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}}]}}]}}]} as unknown as DocumentNode<VolumesInFullQuery, VolumesInFullQueryVariables>;
export const VolumeInFullByIdDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"VolumeInFullById"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"region"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"RegionCode"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"volume"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}},{"kind":"Argument","name":{"kind":"Name","value":"region"},"value":{"kind":"Variable","name":{"kind":"Name","value":"region"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"VolumeInFull"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"VolumeInFull"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Volume"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"region"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}}]}},{"kind":"Field","name":{"kind":"Name","value":"tenantId"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusText"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"availabilityZone"}},{"kind":"Field","name":{"kind":"Name","value":"bootable"}},{"kind":"Field","name":{"kind":"Name","value":"encrypted"}},{"kind":"Field","name":{"kind":"Name","value":"multiattach"}},{"kind":"Field","name":{"kind":"Name","value":"metadata"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"userId"}},{"kind":"Field","name":{"kind":"Name","value":"consistencyGroupId"}},{"kind":"Field","name":{"kind":"Name","value":"replication"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"extendedStatus"}},{"kind":"Field","name":{"kind":"Name","value":"driverData"}}]}},{"kind":"Field","name":{"kind":"Name","value":"encryption"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"keyId"}},{"kind":"Field","name":{"kind":"Name","value":"keyVersion"}}]}},{"kind":"Field","name":{"kind":"Name","value":"links"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rel"}},{"kind":"Field","name":{"kind":"Name","value":"href"}}]}},{"kind":"Field","name":{"kind":"Name","value":"volumeTypeName"}},{"kind":"Field","name":{"kind":"Name","value":"volumeType"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}},{"kind":"Field","name":{"kind":"Name","value":"sourceSnapshotUuid"}},{"kind":"Field","name":{"kind":"Name","value":"sourceSnapshot"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}},{"kind":"Field","name":{"kind":"Name","value":"sourceVolumeUuid"}},{"kind":"Field","name":{"kind":"Name","value":"sourceVolume"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}},{"kind":"Field","name":{"kind":"Name","value":"attachments"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"device"}},{"kind":"Field","name":{"kind":"Name","value":"volumeUuid"}},{"kind":"Field","name":{"kind":"Name","value":"volume"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}},{"kind":"Field","name":{"kind":"Name","value":"server"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"snapshots"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}}]}}]}}]} as unknown as DocumentNode<VolumeInFullByIdQuery, VolumeInFullByIdQueryVariables>;
export const SnapshotInFullByIdDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"SnapshotInFullById"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"region"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"RegionCode"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"snapshot"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}},{"kind":"Argument","name":{"kind":"Name","value":"region"},"value":{"kind":"Variable","name":{"kind":"Name","value":"region"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"SnapshotInFull"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"SnapshotInFull"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Snapshot"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"region"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}}]}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusText"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"metadata"}},{"kind":"Field","name":{"kind":"Name","value":"progress"}},{"kind":"Field","name":{"kind":"Name","value":"projectId"}},{"kind":"Field","name":{"kind":"Name","value":"volumeUuid"}}]}}]} as unknown as DocumentNode<SnapshotInFullByIdQuery, SnapshotInFullByIdQueryVariables>;
export const SnapshotsInFullDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"SnapshotsInFull"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"region"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RegionCode"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"orderBy"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"SnapshotOrder"}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"region"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"code"},"value":{"kind":"Variable","name":{"kind":"Name","value":"region"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"snapshots"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"orderBy"},"value":{"kind":"Variable","name":{"kind":"Name","value":"orderBy"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"SnapshotInFull"}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"SnapshotInFull"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Snapshot"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"region"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}}]}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusText"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"metadata"}},{"kind":"Field","name":{"kind":"Name","value":"progress"}},{"kind":"Field","name":{"kind":"Name","value":"projectId"}},{"kind":"Field","name":{"kind":"Name","value":"volumeUuid"}}]}}]} as unknown as DocumentNode<SnapshotsInFullQuery, SnapshotsInFullQueryVariables>;
export const VolumeTypesInFullDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"VolumeTypesInFull"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"region"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RegionCode"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"region"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"code"},"value":{"kind":"Variable","name":{"kind":"Name","value":"region"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"volumeTypes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"region"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}}]}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"isPublic"}},{"kind":"Field","name":{"kind":"Name","value":"extraSpecs"}}]}}]}}]}}]}}]} as unknown as DocumentNode<VolumeTypesInFullQuery, VolumeTypesInFullQueryVariables>;
export const CreateVolumeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateVolume"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateVolumeInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createVolume"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"volume"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"VolumeInFull"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"VolumeInFull"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Volume"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"region"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}}]}},{"kind":"Field","name":{"kind":"Name","value":"tenantId"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusText"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"availabilityZone"}},{"kind":"Field","name":{"kind":"Name","value":"bootable"}},{"kind":"Field","name":{"kind":"Name","value":"encrypted"}},{"kind":"Field","name":{"kind":"Name","value":"multiattach"}},{"kind":"Field","name":{"kind":"Name","value":"metadata"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"userId"}},{"kind":"Field","name":{"kind":"Name","value":"consistencyGroupId"}},{"kind":"Field","name":{"kind":"Name","value":"replication"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"extendedStatus"}},{"kind":"Field","name":{"kind":"Name","value":"driverData"}}]}},{"kind":"Field","name":{"kind":"Name","value":"encryption"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"keyId"}},{"kind":"Field","name":{"kind":"Name","value":"keyVersion"}}]}},{"kind":"Field","name":{"kind":"Name","value":"links"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"rel"}},{"kind":"Field","name":{"kind":"Name","value":"href"}}]}},{"kind":"Field","name":{"kind":"Name","value":"volumeTypeName"}},{"kind":"Field","name":{"kind":"Name","value":"volumeType"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}},{"kind":"Field","name":{"kind":"Name","value":"sourceSnapshotUuid"}},{"kind":"Field","name":{"kind":"Name","value":"sourceSnapshot"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}},{"kind":"Field","name":{"kind":"Name","value":"sourceVolumeUuid"}},{"kind":"Field","name":{"kind":"Name","value":"sourceVolume"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}},{"kind":"Field","name":{"kind":"Name","value":"attachments"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"device"}},{"kind":"Field","name":{"kind":"Name","value":"volumeUuid"}},{"kind":"Field","name":{"kind":"Name","value":"volume"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}},{"kind":"Field","name":{"kind":"Name","value":"server"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"snapshots"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}}]}}]}}]} as unknown as DocumentNode<CreateVolumeMutation, CreateVolumeMutationVariables>;
export const DeleteVolumeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"DeleteVolume"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DeleteVolumeInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deleteVolume"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deletedVolumeId"}},{"kind":"Field","name":{"kind":"Name","value":"volume"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}}]}}]} as unknown as DocumentNode<DeleteVolumeMutation, DeleteVolumeMutationVariables>;
export const CreateSnapshotDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateSnapshot"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateSnapshotInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createSnapshot"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"snapshot"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"SnapshotInFull"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"SnapshotInFull"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Snapshot"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"region"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"code"}}]}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusText"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"metadata"}},{"kind":"Field","name":{"kind":"Name","value":"progress"}},{"kind":"Field","name":{"kind":"Name","value":"projectId"}},{"kind":"Field","name":{"kind":"Name","value":"volumeUuid"}}]}}]} as unknown as DocumentNode<CreateSnapshotMutation, CreateSnapshotMutationVariables>;
export const DeleteSnapshotDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"DeleteSnapshot"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DeleteSnapshotInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deleteSnapshot"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deletedSnapshotId"}},{"kind":"Field","name":{"kind":"Name","value":"snapshot"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"status"}}]}}]}}]}}]} as unknown as DocumentNode<DeleteSnapshotMutation, DeleteSnapshotMutationVariables>;
export const UploadVolumeToImageDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"UploadVolumeToImage"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UploadVolumeToImageInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uploadVolumeToImage"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"image"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"imageId"}},{"kind":"Field","name":{"kind":"Name","value":"imageName"}},{"kind":"Field","name":{"kind":"Name","value":"diskFormat"}},{"kind":"Field","name":{"kind":"Name","value":"containerFormat"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusText"}},{"kind":"Field","name":{"kind":"Name","value":"updatedAt"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"volume"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"status"}}]}},{"kind":"Field","name":{"kind":"Name","value":"volumeType"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"isPublic"}},{"kind":"Field","name":{"kind":"Name","value":"extraSpecs"}}]}}]}}]}}]}}]} as unknown as DocumentNode<UploadVolumeToImageMutation, UploadVolumeToImageMutationVariables>;