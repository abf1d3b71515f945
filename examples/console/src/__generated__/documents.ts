/** Internal type. DO NOT USE DIRECTLY. */
type Exact<T extends { [key: string]: unknown }> = { [K in keyof T]: T[K] };
/** Internal type. DO NOT USE DIRECTLY. */
export type Incremental<T> = T | { [P in keyof T]?: P extends ' $fragmentName' | '__typename' ? T[P] : never };
import type { TypedDocumentNode as DocumentNode } from '@graphql-typed-document-node/core';
/** How an object of a list has changed. */
export type ChangeKind =
  /** It is new, or matches the filter now. */
  | 'ADDED'
  /** It is deleted, or no longer matches the filter. */
  | 'REMOVED'
  /** At least one of its fields has another value. */
  | 'UPDATED';

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
  volumeId: string;
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
  snapshotId?: string | null | undefined;
  /** The volume to copy: global identifier or UUID. */
  sourceVolumeId?: string | null | undefined;
  /** Name of a volume type, see `volumeTypes`. */
  volumeType?: string | null | undefined;
};

/** What to delete. */
export type DeleteSnapshotInput = {
  /** Global identifier, or a UUID together with `region`. */
  id: string;
  /** Needed with a UUID only. */
  region?: RegionCode | null | undefined;
};

/** What to delete. */
export type DeleteVolumeInput = {
  /** Global identifier, or a UUID together with `region`. */
  id: string;
  /** Needed with a UUID only. */
  region?: RegionCode | null | undefined;
};

/** Why something failed: what `extensions.code` of errors holds, too. */
export type ErrorCode =
  /** A header, an argument or an input is not valid. Mend what the message names. */
  | 'BAD_USER_INPUT'
  /** The object is in a state that does not allow the operation. Wait for the state to change, or remove what holds it. */
  | 'CONFLICT'
  /** The token is valid, but the region does not allow the operation. Ask for the role it needs. */
  | 'FORBIDDEN'
  /** A fault of the gateway. Give the operator the request id. */
  | 'INTERNAL_SERVER_ERROR'
  /** The object to work on does not exist, or is another tenant’s. Check the id and the region. */
  | 'NOT_FOUND'
  /** The gateway has too much to do. Wait retryAfter seconds, then try again. */
  | 'OVERLOADED'
  /** The request is too large, for the gateway or for the region. Send less at once. */
  | 'PAYLOAD_TOO_LARGE'
  /** The query asks for more than the gateway reads for one request. Ask for less at once, as the message says. */
  | 'QUERY_TOO_COMPLEX'
  /** The tenant’s quota is used up. Delete something, or have the quota raised. */
  | 'QUOTA_EXCEEDED'
  /** The region asks for fewer requests. Wait retryAfter seconds, then try again. */
  | 'RATE_LIMITED'
  /** The token was issued for another tenant, or the object belongs to another tenant. Send the tenant that belongs to the token. */
  | 'TENANT_MISMATCH'
  /** There is a token but no tenant. Send the tenant id as X-Tenant-Id. */
  | 'TENANT_REQUIRED'
  /** There is no token, or the region does not know it, or it has expired. Send a valid token as X-Auth-Token. */
  | 'UNAUTHENTICATED'
  /** The region answered with an error of its own, or with something that is not a response of its API. Try again later; after a write check first whether it was carried out (outcomeUnknown). Give the operator upstream.requestId. */
  | 'UPSTREAM_ERROR'
  /** The region did not answer in time. Try again; after a write look first (outcomeUnknown). */
  | 'UPSTREAM_TIMEOUT'
  /** The region cannot be reached, broke off its answer, or is not asked for some seconds because calls failed. Wait retryAfter seconds where they are given, else try again later; after a write look first (outcomeUnknown). */
  | 'UPSTREAM_UNAVAILABLE';

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
  volumeId: string;
};

/** The symmetric key of Secure Key Manager to encrypt the volume with. */
export type VolumeEncryptionInput = {
  /** Appkey of Secure Key Manager; secret. */
  appKey: string;
  /** Identifier of the symmetric key. */
  keyId: string;
};

/** Which volumes are wanted: those that fulfil all members, of a list any entry. What a volume does not show never matches. */
export type VolumeFilter = {
  /** Attached to a server, or not. */
  attached?: boolean | null | undefined;
  /** In one of these availability zones. */
  availabilityZone?: Array<string> | null | undefined;
  /** That a server can start from, or not. */
  bootable?: boolean | null | undefined;
  /** Created at this time or later. */
  createdAfter?: string | null | undefined;
  /** Created before this time. */
  createdBefore?: string | null | undefined;
  /** Encrypted, or not. */
  encrypted?: boolean | null | undefined;
  /** With these keys and values among its metadata. */
  metadata?: Record<string, unknown> | null | undefined;
  /** With exactly this name. */
  name?: string | null | undefined;
  /** With this in its name, in upper or lower case. */
  nameContains?: string | null | undefined;
  /** Of at most so many gigabytes. */
  sizeMax?: number | null | undefined;
  /** Of at least so many gigabytes. */
  sizeMin?: number | null | undefined;
  /** In one of these statuses. */
  status?: Array<VolumeStatus> | null | undefined;
  /** One of these, whatever its region. */
  uuids?: Array<string> | null | undefined;
  /** Of a type with one of these names. */
  volumeType?: Array<string> | null | undefined;
};

/** One key to order volumes by; ties are broken by the next, at last by identifier. */
export type VolumeOrder = {
  /** Which end comes first. */
  direction?: OrderDirection;
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

export type CreateSnapshotMutationVariables = Exact<{
  input: CreateSnapshotInput;
}>;


export type CreateSnapshotMutation = { createSnapshot: { snapshot: { id: string, uuid: string, name: string | null, status: SnapshotStatus, statusText: string | null, size: number | null, createdAt: string | null } | null } | null };

export type CreateVolumeMutationVariables = Exact<{
  input: CreateVolumeInput;
}>;


export type CreateVolumeMutation = { createVolume: { volume: { id: string, uuid: string, name: string | null, status: VolumeStatus, statusText: string | null, size: number | null, volumeTypeName: string | null, createdAt: string | null, region: { id: string, code: RegionCode, name: string } } | null } | null };

export type DeleteSnapshotMutationVariables = Exact<{
  input: DeleteSnapshotInput;
}>;


export type DeleteSnapshotMutation = { deleteSnapshot: { deletedSnapshotId: string, snapshot: { id: string, status: SnapshotStatus, statusText: string | null } | null } | null };

export type DeleteVolumeMutationVariables = Exact<{
  input: DeleteVolumeInput;
}>;


export type DeleteVolumeMutation = { deleteVolume: { deletedVolumeId: string, volume: { id: string, status: VolumeStatus, statusText: string | null } | null } | null };

export type RegionsQueryVariables = Exact<{ [key: string]: never; }>;


export type RegionsQuery = { regions: Array<{ id: string, code: RegionCode, name: string }> };

export type SnapshotUpdatedSubscriptionVariables = Exact<{
  id: string;
  until?: Array<SnapshotStatus> | SnapshotStatus | null | undefined;
}>;


export type SnapshotUpdatedSubscription = { snapshotUpdated: { id: string, uuid: string, name: string | null, status: SnapshotStatus, statusText: string | null, size: number | null, createdAt: string | null } | null };

export type UploadVolumeToImageMutationVariables = Exact<{
  input: UploadVolumeToImageInput;
}>;


export type UploadVolumeToImageMutation = { uploadVolumeToImage: { image: { imageId: string | null, imageName: string | null, volume: { id: string, status: VolumeStatus, statusText: string | null } | null } | null } | null };

export type VolumeTypesQueryVariables = Exact<{
  region: RegionCode;
}>;


export type VolumeTypesQuery = { region: { id: string, volumeTypes: { nodes: Array<{ id: string, name: string | null, description: string | null }> } | null } | null };

export type VolumeQueryVariables = Exact<{
  id: string;
}>;


export type VolumeQuery = { volume: { description: string | null, availabilityZone: string | null, bootable: boolean | null, encrypted: boolean | null, metadata: Record<string, unknown> | null, id: string, uuid: string, name: string | null, status: VolumeStatus, statusText: string | null, size: number | null, volumeTypeName: string | null, createdAt: string | null, volumeType: { id: string, name: string | null, description: string | null } | null, attachments: Array<{ id: string, device: string | null, server: { uuid: string } | null }> | null, snapshots: { nodes: Array<{ id: string, uuid: string, name: string | null, status: SnapshotStatus, statusText: string | null, size: number | null, createdAt: string | null }>, failures: Array<{ code: ErrorCode, message: string, retryAfter: number | null, region: { id: string, code: RegionCode, name: string } }> } | null, region: { id: string, code: RegionCode, name: string } } | null };

export type AttachmentFragment = { id: string, device: string | null, server: { uuid: string } | null };

export type SnapshotRowFragment = { id: string, uuid: string, name: string | null, status: SnapshotStatus, statusText: string | null, size: number | null, createdAt: string | null };

export type VolumesChangedSubscriptionVariables = Exact<{ [key: string]: never; }>;


export type VolumesChangedSubscription = { volumesChanged: { refetch: Array<RegionCode>, changes: Array<{ kind: ChangeKind, id: string, volume: { id: string, uuid: string, name: string | null, status: VolumeStatus, statusText: string | null, size: number | null, volumeTypeName: string | null, createdAt: string | null, region: { id: string, code: RegionCode, name: string } } | null }> } | null };

export type VolumeRowFragment = { id: string, uuid: string, name: string | null, status: VolumeStatus, statusText: string | null, size: number | null, volumeTypeName: string | null, createdAt: string | null, region: { id: string, code: RegionCode, name: string } };

export type VolumesQueryVariables = Exact<{
  first: number;
  after?: string | null | undefined;
  orderBy?: Array<VolumeOrder> | VolumeOrder | null | undefined;
  filter?: VolumeFilter | null | undefined;
  regions?: Array<RegionCode> | RegionCode | null | undefined;
}>;


export type VolumesQuery = { volumes: { totalCount: number | null, edges: Array<{ cursor: string, node: { id: string, uuid: string, name: string | null, status: VolumeStatus, statusText: string | null, size: number | null, volumeTypeName: string | null, createdAt: string | null, region: { id: string, code: RegionCode, name: string } } }>, pageInfo: { hasNextPage: boolean, endCursor: string | null }, failures: Array<{ code: ErrorCode, message: string, retryAfter: number | null, region: { id: string, code: RegionCode, name: string } }> } | null };

export type RegionFailureFragment = { code: ErrorCode, message: string, retryAfter: number | null, region: { id: string, code: RegionCode, name: string } };

export const AttachmentFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Attachment"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Attachment"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"device"}},{"kind":"Field","name":{"kind":"Name","value":"server"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}}]}}]} as unknown as DocumentNode<AttachmentFragment, unknown>;
export const SnapshotRowFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"SnapshotRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Snapshot"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusText"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}}]}}]} as unknown as DocumentNode<SnapshotRowFragment, unknown>;
export const VolumeRowFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"VolumeRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Volume"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusText"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"volumeTypeName"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"region"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]} as unknown as DocumentNode<VolumeRowFragment, unknown>;
export const RegionFailureFragmentDoc = {"kind":"Document","definitions":[{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RegionFailure"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"RegionFailure"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"region"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"retryAfter"}}]}}]} as unknown as DocumentNode<RegionFailureFragment, unknown>;
export const CreateSnapshotDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateSnapshot"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateSnapshotInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createSnapshot"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"snapshot"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"SnapshotRow"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"SnapshotRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Snapshot"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusText"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}}]}}]} as unknown as DocumentNode<CreateSnapshotMutation, CreateSnapshotMutationVariables>;
export const CreateVolumeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"CreateVolume"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"CreateVolumeInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"createVolume"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"volume"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"VolumeRow"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"VolumeRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Volume"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusText"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"volumeTypeName"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"region"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]} as unknown as DocumentNode<CreateVolumeMutation, CreateVolumeMutationVariables>;
export const DeleteSnapshotDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"DeleteSnapshot"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DeleteSnapshotInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deleteSnapshot"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deletedSnapshotId"}},{"kind":"Field","name":{"kind":"Name","value":"snapshot"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusText"}}]}}]}}]}}]} as unknown as DocumentNode<DeleteSnapshotMutation, DeleteSnapshotMutationVariables>;
export const DeleteVolumeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"DeleteVolume"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"DeleteVolumeInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deleteVolume"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"deletedVolumeId"}},{"kind":"Field","name":{"kind":"Name","value":"volume"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusText"}}]}}]}}]}}]} as unknown as DocumentNode<DeleteVolumeMutation, DeleteVolumeMutationVariables>;
export const RegionsDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Regions"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"regions"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]} as unknown as DocumentNode<RegionsQuery, RegionsQueryVariables>;
export const SnapshotUpdatedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"SnapshotUpdated"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"until"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"SnapshotStatus"}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"snapshotUpdated"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}},{"kind":"Argument","name":{"kind":"Name","value":"until"},"value":{"kind":"Variable","name":{"kind":"Name","value":"until"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"SnapshotRow"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"SnapshotRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Snapshot"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusText"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}}]}}]} as unknown as DocumentNode<SnapshotUpdatedSubscription, SnapshotUpdatedSubscriptionVariables>;
export const UploadVolumeToImageDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"mutation","name":{"kind":"Name","value":"UploadVolumeToImage"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"input"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"UploadVolumeToImageInput"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uploadVolumeToImage"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"input"},"value":{"kind":"Variable","name":{"kind":"Name","value":"input"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"image"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"imageId"}},{"kind":"Field","name":{"kind":"Name","value":"imageName"}},{"kind":"Field","name":{"kind":"Name","value":"volume"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusText"}}]}}]}}]}}]}}]} as unknown as DocumentNode<UploadVolumeToImageMutation, UploadVolumeToImageMutationVariables>;
export const VolumeTypesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"VolumeTypes"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"region"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RegionCode"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"region"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"code"},"value":{"kind":"Variable","name":{"kind":"Name","value":"region"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"volumeTypes"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"1000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"description"}}]}}]}}]}}]}}]} as unknown as DocumentNode<VolumeTypesQuery, VolumeTypesQueryVariables>;
export const VolumeDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Volume"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"id"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"ID"}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"volume"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"id"},"value":{"kind":"Variable","name":{"kind":"Name","value":"id"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"VolumeRow"}},{"kind":"Field","name":{"kind":"Name","value":"description"}},{"kind":"Field","name":{"kind":"Name","value":"availabilityZone"}},{"kind":"Field","name":{"kind":"Name","value":"bootable"}},{"kind":"Field","name":{"kind":"Name","value":"encrypted"}},{"kind":"Field","name":{"kind":"Name","value":"metadata"}},{"kind":"Field","name":{"kind":"Name","value":"volumeType"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"description"}}]}},{"kind":"Field","name":{"kind":"Name","value":"attachments"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"Attachment"}}]}},{"kind":"Field","name":{"kind":"Name","value":"snapshots"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"IntValue","value":"1000"}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"nodes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"SnapshotRow"}}]}},{"kind":"Field","name":{"kind":"Name","value":"failures"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"RegionFailure"}}]}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"VolumeRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Volume"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusText"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"volumeTypeName"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"region"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"Attachment"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Attachment"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"device"}},{"kind":"Field","name":{"kind":"Name","value":"server"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"uuid"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"SnapshotRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Snapshot"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusText"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RegionFailure"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"RegionFailure"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"region"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"retryAfter"}}]}}]} as unknown as DocumentNode<VolumeQuery, VolumeQueryVariables>;
export const VolumesChangedDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"subscription","name":{"kind":"Name","value":"VolumesChanged"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"volumesChanged"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"changes"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"kind"}},{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"volume"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"VolumeRow"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"refetch"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"VolumeRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Volume"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusText"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"volumeTypeName"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"region"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}}]} as unknown as DocumentNode<VolumesChangedSubscription, VolumesChangedSubscriptionVariables>;
export const VolumesDocument = {"kind":"Document","definitions":[{"kind":"OperationDefinition","operation":"query","name":{"kind":"Name","value":"Volumes"},"variableDefinitions":[{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"first"}},"type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"Int"}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"after"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"String"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"orderBy"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"VolumeOrder"}}}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"filter"}},"type":{"kind":"NamedType","name":{"kind":"Name","value":"VolumeFilter"}}},{"kind":"VariableDefinition","variable":{"kind":"Variable","name":{"kind":"Name","value":"regions"}},"type":{"kind":"ListType","type":{"kind":"NonNullType","type":{"kind":"NamedType","name":{"kind":"Name","value":"RegionCode"}}}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"volumes"},"arguments":[{"kind":"Argument","name":{"kind":"Name","value":"first"},"value":{"kind":"Variable","name":{"kind":"Name","value":"first"}}},{"kind":"Argument","name":{"kind":"Name","value":"after"},"value":{"kind":"Variable","name":{"kind":"Name","value":"after"}}},{"kind":"Argument","name":{"kind":"Name","value":"orderBy"},"value":{"kind":"Variable","name":{"kind":"Name","value":"orderBy"}}},{"kind":"Argument","name":{"kind":"Name","value":"filter"},"value":{"kind":"Variable","name":{"kind":"Name","value":"filter"}}},{"kind":"Argument","name":{"kind":"Name","value":"regions"},"value":{"kind":"Variable","name":{"kind":"Name","value":"regions"}}}],"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"totalCount"}},{"kind":"Field","name":{"kind":"Name","value":"edges"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"cursor"}},{"kind":"Field","name":{"kind":"Name","value":"node"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"VolumeRow"}}]}}]}},{"kind":"Field","name":{"kind":"Name","value":"pageInfo"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"hasNextPage"}},{"kind":"Field","name":{"kind":"Name","value":"endCursor"}}]}},{"kind":"Field","name":{"kind":"Name","value":"failures"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"FragmentSpread","name":{"kind":"Name","value":"RegionFailure"}}]}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"VolumeRow"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"Volume"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"uuid"}},{"kind":"Field","name":{"kind":"Name","value":"name"}},{"kind":"Field","name":{"kind":"Name","value":"status"}},{"kind":"Field","name":{"kind":"Name","value":"statusText"}},{"kind":"Field","name":{"kind":"Name","value":"size"}},{"kind":"Field","name":{"kind":"Name","value":"volumeTypeName"}},{"kind":"Field","name":{"kind":"Name","value":"createdAt"}},{"kind":"Field","name":{"kind":"Name","value":"region"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}}]}},{"kind":"FragmentDefinition","name":{"kind":"Name","value":"RegionFailure"},"typeCondition":{"kind":"NamedType","name":{"kind":"Name","value":"RegionFailure"}},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"region"},"selectionSet":{"kind":"SelectionSet","selections":[{"kind":"Field","name":{"kind":"Name","value":"id"}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"name"}}]}},{"kind":"Field","name":{"kind":"Name","value":"code"}},{"kind":"Field","name":{"kind":"Name","value":"message"}},{"kind":"Field","name":{"kind":"Name","value":"retryAfter"}}]}}]} as unknown as DocumentNode<VolumesQuery, VolumesQueryVariables>;