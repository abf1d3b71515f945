import { readFileSync } from 'node:fs';
import {
  buildSchema,
  GraphQLEnumType,
  GraphQLInputObjectType,
  type GraphQLNamedType,
  GraphQLNonNull,
  GraphQLObjectType,
  getNamedType,
  isInputObjectType,
  isInterfaceType,
  isIntrospectionType,
  isObjectType,
  isSpecifiedScalarType,
} from 'graphql';
import { expect, test } from 'vitest';
import { snapshotStatuses } from '../../src/block-storage/snapshot.ts';
import { volumeStatuses } from '../../src/block-storage/volume.ts';
import { errorCodes } from '../../src/errors/codes.ts';

/* The emitted schema, as clients read it. */

const file = (name: string) => readFileSync(new URL(`../../${name}`, import.meta.url), 'utf8');
const schema = buildSchema(file('schema/schema.graphql'));
const types = Object.values(schema.getTypeMap()).filter(
  (type) => !isIntrospectionType(type) && !isSpecifiedScalarType(type),
);

/** A type's fields as `name(arguments): Type`. */
function shapeOf(name: string): string[] {
  const type = schema.getType(name);
  if (type instanceof GraphQLEnumType) return type.getValues().map(({ name }) => name);
  if (type instanceof GraphQLInputObjectType)
    return Object.values(type.getFields()).map(({ name, type }) => `${name}: ${String(type)}`);
  if (!(type instanceof GraphQLObjectType)) return [];
  return Object.values(type.getFields()).map(({ name, args, type }) => {
    const list = args
      .map((argument) => `${argument.name}: ${String(argument.type)}`)
      .toSorted()
      .join(', ');
    return `${name}${list && `(${list})`}: ${String(type)}`;
  });
}

/** What can be described, by its path. */
function describedIn(type: GraphQLNamedType): Map<string, string | null | undefined> {
  const found = new Map([[type.name, type.description]]);
  if (type instanceof GraphQLEnumType) {
    for (const { name, description } of type.getValues()) found.set(`${type.name}.${name}`, description);
  } else if (isInputObjectType(type)) {
    for (const { name, description } of Object.values(type.getFields())) found.set(`${type.name}.${name}`, description);
  } else if (isObjectType(type) || isInterfaceType(type)) {
    for (const { name, description, args } of Object.values(type.getFields())) {
      found.set(`${type.name}.${name}`, description);
      for (const argument of args) found.set(`${type.name}.${name}(${argument.name})`, argument.description);
    }
  }
  return found;
}

test('every type, field, argument and value is described', () => {
  const bare = types.flatMap((type) => [...describedIn(type)]).filter(([, description]) => !description?.trim());
  expect(bare).toEqual([]);
});

test.each([
  [
    'Query',
    'node(id: ID!): Node',
    'nodes(ids: [ID!]!): [Node]!',
    'region(code: RegionCode!): Region',
    'regions: [Region!]!',
    'volume(id: ID!, region: RegionCode): Volume',
    'snapshot(id: ID!, region: RegionCode): Snapshot',
    'volumeType(id: ID!, region: RegionCode): VolumeType',
  ],
  [
    'Region',
    'id: ID!',
    'code: RegionCode!',
    'name: String!',
    'available: Boolean!',
    'volumes(after: String, filter: VolumeFilter, first: Int, offset: Int, orderBy: [VolumeOrder!]): VolumeConnection',
    'snapshots(after: String, filter: SnapshotFilter, first: Int, offset: Int, orderBy: [SnapshotOrder!]): SnapshotConnection',
    'volumeTypes(after: String, first: Int): VolumeTypeConnection',
    'volume(id: ID!): Volume',
    'snapshot(id: ID!): Snapshot',
    'volumeType(id: ID!): VolumeType',
  ],
  [
    'Volume',
    'id: ID!',
    'uuid: UUID!',
    'region: Region!',
    'status: VolumeStatus!',
    'size: Int',
    'bootable: Boolean',
    'metadata: JSONObject',
    'createdAt: DateTime',
    'attachments: [Attachment!]',
    'snapshots(after: String, first: Int): SnapshotConnection',
    'volumeType: VolumeType',
    'volumeTypeName: String',
    'sourceSnapshotUuid: UUID',
    'sourceVolumeUuid: UUID',
    'statusText: String',
  ],
  [
    'Snapshot',
    'id: ID!',
    'uuid: UUID!',
    'region: Region!',
    'status: SnapshotStatus!',
    'progress: String',
    'projectId: String',
    'volumeUuid: UUID',
    'volume: Volume',
  ],
  ['Attachment', 'id: ID!', 'uuid: UUID!', 'device: String', 'volumeUuid: UUID', 'volume: Volume', 'server: Server'],
  ['VolumeConnection', 'edges: [VolumeEdge!]!', 'nodes: [Volume!]!', 'pageInfo: PageInfo!'],
  ['VolumeEdge', 'cursor: String!', 'node: Volume!'],
  [
    'Mutation',
    'createVolume(input: CreateVolumeInput!): CreateVolumePayload',
    'deleteVolume(input: DeleteVolumeInput!): DeleteVolumePayload',
    'createSnapshot(input: CreateSnapshotInput!): CreateSnapshotPayload',
    'deleteSnapshot(input: DeleteSnapshotInput!): DeleteSnapshotPayload',
    'uploadVolumeToImage(input: UploadVolumeToImageInput!): UploadVolumeToImagePayload',
  ],
  ['VolumeOrder', 'field: VolumeOrderField!', 'direction: OrderDirection!'],
  ['VolumeOrderField', 'NAME', 'CREATED_AT', 'SIZE', 'STATUS', 'AVAILABILITY_ZONE'],
  ['SnapshotOrderField', 'NAME', 'CREATED_AT', 'SIZE', 'STATUS'],
  ['ImageVisibility', 'PRIVATE', 'SHARED'],
])('%s has the shape its users rely on', (name, ...shape) => {
  expect(shapeOf(name)).toEqual(expect.arrayContaining(shape));
});

test('of an object only id, uuid, region and statuses are promised', () => {
  for (const name of ['Volume', 'Snapshot', 'VolumeType']) {
    const type = schema.getType(name);
    if (!(type instanceof GraphQLObjectType)) throw new Error(name);
    const promised = Object.values(type.getFields()).filter(({ type }) => type instanceof GraphQLNonNull);
    expect(['id', 'uuid', 'region', 'status']).toEqual(expect.arrayContaining(promised.map(({ name }) => name)));
  }
});

test('the statuses are the guide’s and UNKNOWN', () => {
  const names = (statuses: object) => Object.keys(statuses).map((word) => word.toUpperCase().replaceAll('-', '_'));
  expect(shapeOf('VolumeStatus').toSorted()).toEqual([...names(volumeStatuses), 'UNKNOWN'].toSorted());
  expect(shapeOf('SnapshotStatus').toSorted()).toEqual([...names(snapshotStatuses), 'UNKNOWN'].toSorted());
  expect(Object.keys(volumeStatuses)).toHaveLength(20);
  expect(Object.keys(snapshotStatuses)).toHaveLength(9);
});

test('VolumeOrder.direction is ASC where it is left out', () => {
  expect(file('schema/schema.graphql')).toMatch(/direction: OrderDirection! = ASC/);
});

test('no input type is a list of lists, refers to itself or is a OneOf: mistakes in inputs are looked for by their types', () => {
  const below = (type: GraphQLNamedType, above: readonly string[]): void => {
    if (!isInputObjectType(type)) return;
    expect(above).not.toContain(type.name);
    expect(type.isOneOf).toBe(false);
    for (const field of Object.values(type.getFields())) below(getNamedType(field.type), [...above, type.name]);
  };
  for (const type of types) below(type, []);
  expect(file('schema/schema.graphql')).not.toMatch(/: \[\[/);
});

test('every error code has a meaning and a remedy, each a sentence', () => {
  for (const { meaning, remedy } of Object.values(errorCodes)) {
    expect(meaning).toMatch(/^[A-Z].*\.$/);
    expect(remedy).toMatch(/^[A-Z].*\.$/);
  }
});

test('there is one graphql, of one version, and no download address in the lock file', () => {
  const { packages } = JSON.parse(file('package-lock.json'));
  const copies = Object.keys(packages).filter((path) => /(^|\/)node_modules\/graphql$/.test(path));
  expect(copies).toEqual(['node_modules/graphql']);
  expect(Object.values<{ resolved?: string }>(packages).filter(({ resolved }) => resolved?.startsWith('http'))).toEqual(
    [],
  );
});
